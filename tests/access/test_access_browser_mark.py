"""What a browser keeps of who signed in there: bound to the person, the password and a time."""

from __future__ import annotations

import pytest

from plumbline.access.browser_mark import (
    LONGEST_MARKS,
    MARK_SECONDS,
    MOST_MARKS,
    good_mark,
    join_marks,
    read_marks,
    write_mark,
)
from plumbline.access.throttle import network_of, place_of

KEY, NOW, CHANGED = b"k" * 32, 1_800_000_000_000_000, 1_700_000_000_123_456


def mark(person=7, number=1):
    return write_mark(KEY, person, CHANGED, NOW, bytes([number] * 12))


def test_it_is_read_as_it_was_written():
    [read] = read_marks(join_marks(mark(), ()))
    assert read == mark()
    assert good_mark(KEY, read, CHANGED, NOW)
    assert good_mark(KEY, read, CHANGED, NOW + (MARK_SECONDS - 1) * 1_000_000)


def test_another_password_key_person_or_time_is_not_known():
    assert not good_mark(KEY, mark(), CHANGED + 1, NOW)
    assert not good_mark(b"l" * 32, mark(), CHANGED, NOW)
    assert not good_mark(KEY, mark()._replace(person=8), CHANGED, NOW)
    assert not good_mark(KEY, mark()._replace(id="other"), CHANGED, NOW)
    assert not good_mark(KEY, mark()._replace(issued=mark().issued + 1), CHANGED, NOW + 2_000_000)
    assert not good_mark(KEY, mark(), CHANGED, NOW + MARK_SECONDS * 1_000_000)
    assert not good_mark(KEY, mark(), CHANGED, NOW - 1_000_000)


def test_few_people_are_known_and_each_once():
    shown = ""
    for person in (1, 2, 3, 2, 4, 5, 6):
        shown = join_marks(mark(person), read_marks(shown))
    assert [one.person for one in read_marks(shown)] == [6, 5, 4, 2]
    assert len(read_marks(shown)) == MOST_MARKS
    widest = write_mark(KEY, 10**18 - 1, CHANGED, (10**18 - 1) * 1_000_000, b"x" * 12)
    assert len("~".join([join_marks(widest, ())] * MOST_MARKS)) <= LONGEST_MARKS


@pytest.mark.parametrize(
    "shown", ["", "~", "x", "1.2.3", "1.2.3.4.5", "-1.2.x.y", "1.x.x.y", "١.2.x.y", "1" * 30 + ".2.x.y", "1.2.x.名"]
)
def test_what_is_no_mark_is_none(shown):
    assert read_marks(shown) == ()


def test_what_is_too_long_is_none():
    assert read_marks(join_marks(mark(), ()) + "~" * LONGEST_MARKS) == ()


@pytest.mark.parametrize(
    ("address", "network", "place"),
    [
        ("10.1.2.3", "10.1.2.0/24", "10.1.2.3"),
        ("::ffff:10.1.2.3", "10.1.2.0/24", "10.1.2.3"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1:2::/64"),
        ("", "", ""),
        ("mei@10.1.2.0/24", "mei@10.1.2.0/24", "mei@10.1.2.0/24"),
    ],
)
def test_failures_are_counted_by_what_one_subscriber_has(address, network, place):
    assert (network_of(address), place_of(address)) == (network, place)
