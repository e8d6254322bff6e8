"""Names in the boxes of a graph: cut in the middle to what fits, never two different ones to the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plumbline.web.labels import clusters, labels, width

ROOM = 125.0


def test_what_fits_stands_as_it_is():
    assert labels(["build", "构建"], ROOM) == {"build": "build", "构建": "构建"}


def test_a_long_name_is_cut_in_the_middle():
    [label] = labels(["unit-tests-of-the-posting-engine-core"], ROOM).values()
    head, _, tail = label.partition("…")
    assert "unit-tests-of-the-posting-engine-core".startswith(head)
    assert "unit-tests-of-the-posting-engine-core".endswith(tail)
    assert len(head) >= 4
    assert len(tail) >= 4
    assert width(label) <= ROOM


def test_names_that_begin_and_end_alike_show_where_they_differ():
    names = [f"deploy to region {number} of the whole estate" for number in (7, 8, 12)]
    made = labels(names, ROOM)
    assert all(str(number) in made[name] for name, number in zip(names, (7, 8, 12), strict=True))
    assert len(set(made.values())) == 3


def test_names_that_differ_only_far_within_are_told_apart():
    names = [f"{'甲' * 90}{letter}{'乙' * 90}{letter}{'丙' * 18}" for letter in "上下中"]
    made = labels(names, ROOM)
    assert len(set(made.values())) == 3
    assert all(width(label) <= ROOM for label in made.values())


def test_a_cut_name_is_never_that_of_another_job():
    long = "a" * 200
    [cut] = labels([long], ROOM).values()
    made = labels([long, cut], ROOM)
    assert made[cut] == cut
    assert made[long] != cut
    assert labels([long], ROOM, taken=[cut])[long] != cut


def test_what_is_drawn_as_one_sign_is_never_cut():
    family, flag, wave, accent = "👨‍👩‍👧‍👦", "🇨🇳", "👋🏽", "e\u0301"
    assert clusters(f"{family}{flag}{wave}{accent}x") == [family, flag, wave, accent, "x"]
    name = family * 60
    [label] = labels([name], ROOM).values()
    assert set(clusters(label)) <= {family, "…"}


@given(
    st.lists(st.text(alphabet="ab甲 é\u0301\u200d🇨🇳ש", min_size=1, max_size=200), max_size=12),
    st.sampled_from([90.0, 127.0, 167.0]),
)
def test_every_name_has_a_label_of_its_own_that_fits(names, room):
    made = labels(names, room)
    assert set(made) == set(names)
    assert len(set(made.values())) == len(set(names))
    assert all(width(label) <= room or label == name for name, label in made.items())
