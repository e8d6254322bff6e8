"""What of a repository may go, and what stays whatever its age."""

from __future__ import annotations

import random

import pytest

from plumbline.artifacts.retention import expired_files, expired_tags, sweepable
from plumbline.model.registry import Standing, Tag

OLD, BEFORE, YOUNG = 10, 100, 100


def one(digest: str, touched: int = OLD, **more: object) -> Standing:
    return Standing(id=ord(digest[0]), digest=digest, touched=touched, **more)  # type: ignore[arg-type]


def gone(every: list[Standing], before: int = BEFORE, held: tuple[str, ...] = ()) -> set[str]:
    return {each.digest for each in sweepable(every, before, lambda each: each.digest in held)}


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ([one("a")], {"a"}),
        ([one("a", YOUNG)], set()),
        ([one("a", tags=("v1",))], set()),
        # children of an index that is kept (distribution#3004), at any depth
        ([one("i", tags=("v1",), parts=("a", "b")), one("a", parts=("c",)), one("b"), one("c")], set()),
        ([one("i", parts=("a",)), one("a")], {"i", "a"}),
        # what is about something goes and stays with it
        ([one("a", tags=("v1",)), one("s", subject="a"), one("t", subject="s")], set()),
        ([one("a"), one("s", subject="a")], {"a", "s"}),
        ([one("a"), one("s", subject="a", tags=("sig",))], set()),
        ([one("s", subject="elsewhere")], {"s"}),
        ([one("s", YOUNG, subject="elsewhere")], set()),
        # circles end
        ([one("a", parts=("b",)), one("b", parts=("a",))], {"a", "b"}),
        ([one("a", parts=("b",), tags=("x",)), one("b", parts=("a",), subject="a")], set()),
    ],
)
def test_mark_and_sweep(every: list[Standing], expected: set[str]) -> None:
    assert gone(every) == expected


def test_what_is_held_stays_with_all_that_belongs_to_it() -> None:
    every = [one("i", parts=("a",)), one("a"), one("s", subject="a"), one("z")]
    assert gone(every, held=("i",)) == {"z"}


def test_without_a_time_nothing_goes() -> None:
    assert gone([one("a")], before=-1) == set()


def test_what_is_asked_for_holds_is_only_what_nothing_else_keeps() -> None:
    asked: list[str] = []

    def held(each: Standing) -> bool:
        asked.append(each.digest)
        return False

    sweepable([one("a", tags=("v1",), parts=("b",)), one("b"), one("c")], BEFORE, held)
    assert asked == ["c"]


def test_no_history_loses_what_is_kept() -> None:
    """Whatever refers to whatever: what is reachable from a root stays, and nothing else does."""
    dice = random.Random(14)
    for _ in range(300):
        names = "abcdefghij"[: dice.randint(1, 10)]
        every = [
            one(
                name,
                dice.choice((OLD, YOUNG, OLD)),
                tags=("t",) if dice.random() < 0.2 else (),
                parts=tuple(dice.sample(names, dice.randint(0, min(3, len(names))))),
                subject=dice.choice(["", "", *names]),
            )
            for name in names
        ]
        went = gone(every)
        stays = [each for each in every if each.digest not in went]
        by_digest = {each.digest: each for each in every}
        for each in stays:
            assert not went & set(each.parts), "a part of what is kept"
            assert each.subject not in went, "what it is about"
        for name in went:
            each = by_digest[name]
            assert not each.tags
            assert each.touched < BEFORE
            assert each.subject in went or each.subject not in by_digest, "it is about something that is kept"


def tag(name: str, moved: int) -> Tag:
    return Tag(repository=1, name=name, digest="d", moved=moved)


def test_tags_expire_by_form_and_age_and_the_newest_stay() -> None:
    tags = [tag("mr-1", 1), tag("mr-2", 2), tag("mr-3", 3), tag("v1", 1), tag("mr-4", YOUNG)]
    assert [each.name for each in expired_tags(tags, ("mr-*",), BEFORE, 0)] == ["mr-3", "mr-2", "mr-1"]
    assert [each.name for each in expired_tags(tags, ("mr-*",), BEFORE, 3)] == ["mr-1"]
    assert expired_tags(tags, (), BEFORE, 0) == []


def test_a_version_goes_as_a_whole() -> None:
    files = [
        one("a", 1, name="lib", version="1-SNAPSHOT/a"),
        one("b", YOUNG, name="lib", version="1-SNAPSHOT/b"),
        one("c", 1, name="lib", version="2-SNAPSHOT/a"),
        one("d", 2, name="lib", version="2-SNAPSHOT/b"),
        one("e", 1, name="lib", version="3/a"),
        one("f", 1, name="app", version="1-SNAPSHOT/a"),
    ]
    assert [each.digest for each in expired_files(files, ("*-SNAPSHOT",), BEFORE, 0)] == ["c", "d", "f"]
    assert [each.digest for each in expired_files(files, ("*-SNAPSHOT",), BEFORE, 1)] == ["c", "d"]
