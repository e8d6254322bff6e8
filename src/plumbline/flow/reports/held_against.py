"""One run held against its base, case by case, and what its cases are filtered and ordered by."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from plumbline.flow.reports.seen_tests import CaseChange, LayerCount, TestTotals
from plumbline.model.report import Layer
from plumbline.model.reported import LAYERS, NO_TIME

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from plumbline.model.reported import TestRunKept, TestSet

_BAD = frozenset("fe")
_GRAVITY = {
    CaseChange.NEW_FAILURE: 0,
    CaseChange.STILL_FAILING: 1,
    CaseChange.FIXED: 3,
    CaseChange.NEWLY_SKIPPED: 4,
    CaseChange.ADDED: 6,
}


class Compared(NamedTuple):
    """``outcomes``: letters; ``changes``: by position."""

    run: TestRunKept
    cases: Sequence[int]
    outcomes: str
    layers: str
    times: array[int]
    changes: Sequence[CaseChange]
    gone: int

    def seconds(self, at: int) -> float | None:
        found = self.times[at]
        return None if found == NO_TIME else found / 1000

    def gravity(self, at: int, *, quarantined: bool) -> int:
        """What to look at first: failures nobody knows of yet, then known ones, then what else changed."""
        letter, change = self.outcomes[at], self.changes[at]
        if letter in _BAD:
            return 2 if quarantined else _GRAVITY.get(change, 1)
        return _GRAVITY.get(change, 5 if letter == "s" else 7)


def compare(run: TestRunKept, cases: TestSet, base: TestRunKept | None, base_cases: TestSet | None) -> Compared:
    outcomes, layers = run.outcomes.decode(), cases.layers.decode()
    times = array("I", run.times)
    if base is None or base_cases is None:
        return Compared(run, cases.cases, outcomes, layers, times, [CaseChange.UNKNOWN] * len(outcomes), 0)
    there = base.outcomes.decode()
    if base.cases == run.cases:
        changes, gone = [_change(now, then) for now, then in zip(outcomes, there, strict=True)], 0
    else:
        known = dict(zip(base_cases.cases, there, strict=True))
        changes = [_change(letter, known.get(case, "")) for case, letter in zip(cases.cases, outcomes, strict=True)]
        gone = len(known.keys() - set(cases.cases))
    return Compared(run, cases.cases, outcomes, layers, times, changes, gone)


def _change(now: str, then: str) -> CaseChange:
    if now == then:
        return CaseChange.STILL_FAILING if now in _BAD else CaseChange.NONE
    if now in _BAD:
        return CaseChange.STILL_FAILING if then in _BAD and then else CaseChange.NEW_FAILURE
    if not then:
        return CaseChange.ADDED
    if now == "s":
        return CaseChange.NEWLY_SKIPPED
    return CaseChange.FIXED if then in _BAD else CaseChange.NONE


def totals(compared: Sequence[Compared], flaky: Collection[int], quarantined: Collection[int]) -> TestTotals:
    counts = dict.fromkeys(CaseChange, 0)
    for one in compared:
        for change in CaseChange:
            counts[change] += one.changes.count(change)
    letters = "".join(one.outcomes for one in compared)
    bad = [
        case
        for one in compared
        for case, letter in zip(one.cases, one.outcomes, strict=True)
        if letter in _BAD and case in quarantined
    ]
    shown = {case for one in compared for case in one.cases}.intersection(flaky) if flaky else set()
    return TestTotals(
        total=len(letters),
        passed=letters.count("p"),
        failed=letters.count("f"),
        errors=letters.count("e"),
        skipped=letters.count("s"),
        milliseconds=sum(one.run.milliseconds for one in compared),
        new_failures=counts[CaseChange.NEW_FAILURE],
        still_failing=counts[CaseChange.STILL_FAILING],
        fixed=counts[CaseChange.FIXED],
        newly_skipped=counts[CaseChange.NEWLY_SKIPPED],
        added=counts[CaseChange.ADDED],
        gone=sum(one.gone for one in compared),
        unknown=counts[CaseChange.UNKNOWN],
        flaky=len(shown),
        quarantined=len(bad),
    )


def by_layer(compared: Sequence[Compared]) -> list[LayerCount]:
    """In the order of the layers; none where no case is of it."""
    counted: dict[str, list[int]] = {}
    for one in compared:
        for pair in zip(one.layers, one.outcomes, strict=True):
            of = counted.setdefault(pair[0], [0, 0, 0, 0])
            of[0] += 1
            of[1 if pair[1] == "p" else 3 if pair[1] == "s" else 2] += 1
    return [
        LayerCount(layer, *counted[letter])
        for letter, layer in sorted(LAYERS.items(), key=lambda one: list(Layer).index(one[1]))
        if letter in counted
    ]
