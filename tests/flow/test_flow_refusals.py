"""Refusals are recorded, counted, and never lost because the store could not write."""

from __future__ import annotations

from plumbline.flow.people.refusals import QUIET, Refusal, Refusals
from plumbline.kernel import PlumblineError, t

KIND = Refusal("get_node", "not-allowed", "eve", "192.0.2.7")
NOW = 1_760_000_000_000_000


class Book:
    def __init__(self):
        self.full = False
        self.entries = []

    def record(self, refusal, at):
        if self.full:
            raise PlumblineError("disk-full", t("no space left"))
        self.entries.append(refusal.times)


def test_some_of_a_kind_are_told_one_by_one():
    book, single = Book(), []
    refusals = Refusals(book.record)
    for second in range(8):
        refusals.refused(KIND, NOW + second, lambda: single.append(1), free=3)
    assert (len(single), book.entries) == (3, [])
    refusals.refused(KIND, NOW + QUIET, lambda: single.append(1), free=3)
    assert (len(single), book.entries) == (3, [6])


def test_what_could_not_be_recorded_is_told_with_the_next_one():
    book = Book()
    refusals = Refusals(book.record)
    book.full = True
    for second in range(3):
        refusals.refused(KIND, NOW + second)
    book.full = False
    refusals.refused(KIND, NOW + 4)
    refusals.refused(KIND, NOW + 5)
    refusals.refused(KIND, NOW + QUIET + 5)
    assert book.entries == [4, 2]


def test_a_clock_that_was_ahead_does_not_silence_those_that_follow():
    book = Book()
    refusals = Refusals(book.record)
    refusals.refused(KIND, NOW + 365 * 24 * 60 * QUIET)
    refusals.refused(KIND, NOW)
    refusals.refused(KIND, NOW + 1)
    assert book.entries == [1, 1]
