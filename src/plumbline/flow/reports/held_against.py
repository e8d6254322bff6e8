"""One run held against its base, case by case. A suite may have tens of thousands of cases: what is known of each is a
letter in a text."""

from __future__ import annotations

from array import array
from collections import Counter
from heapq import nlargest
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from plumbline.flow.reports.seen_tests import CaseChange, LayerCount, TestTotals
from plumbline.model.report import Layer
from plumbline.model.reported import LAYERS, NO_TIME

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from plumbline.model.reported import TestRunKept, TestSet

BAD = frozenset("fe")
CHANGES = {
    "n": CaseChange.NEW_FAILURE,
    "w": CaseChange.STILL_FAILING,
    "x": CaseChange.FIXED,
    "k": CaseChange.NEWLY_SKIPPED,
    "a": CaseChange.ADDED,
    "-": CaseChange.NONE,
    "?": CaseChange.UNKNOWN,
}
_ABSENT = "."  # in place of the letter of a case that the base does not have
_GRAVITY = {"n": 0, "w": 1, "?": 1, "x": 3, "k": 4, "a": 6}
KNOWN = 2  # the gravity of a failure in quarantine


class Compared(NamedTuple):
    """``outcomes``, ``layers``, ``changes``: a letter for each case."""

    run: TestRunKept
    cases: Sequence[int]
    outcomes: str
    layers: str
    times: array[int]
    changes: str
    gone: int

    def seconds(self, at: int) -> float | None:
        found = self.times[at]
        return None if found == NO_TIME else found / 1000

    def gravity(self) -> list[int]:
        """What to look at first, by case: failures nobody knows of yet, then known ones, then what else changed."""
        return [_RANKS[pair] for pair in zip(self.outcomes, self.changes, strict=True)]

    def slowest(self, most: int) -> list[int]:
        """Positions of those that took longest, of those that told a time."""
        times = self.times
        if NO_TIME in times:
            told = [at for at, time in enumerate(times) if time != NO_TIME]
            return nlargest(most, told, key=times.__getitem__)
        return nlargest(most, range(len(times)), key=times.__getitem__)


def compare(run: TestRunKept, cases: TestSet, base: TestRunKept | None, base_cases: TestSet | None) -> Compared:
    outcomes, layers = run.outcomes.decode(), cases.layers.decode()
    times = array("I", run.times)
    if base is None or base_cases is None:
        return Compared(run, cases.cases, outcomes, layers, times, "?" * len(outcomes), 0)
    there: str | list[str] = base.outcomes.decode()
    gone = 0
    if base.cases != run.cases:
        known = dict(zip(base_cases.cases, there, strict=True))
        there = [known.get(case, _ABSENT) for case in cases.cases]
        gone = len(known.keys() - set(cases.cases))
    changes = "".join([_CHANGE[pair] for pair in zip(outcomes, there, strict=True)])
    return Compared(run, cases.cases, outcomes, layers, times, changes, gone)


def _change(now: str, then: str) -> str:
    if now in BAD:
        return "w" if then in BAD else "n"
    if then == _ABSENT:
        return "a"
    if now == "s":
        return "-" if then == "s" else "k"
    return "x" if then in BAD else "-"


def _rank(letter: str, change: str) -> int:
    return _GRAVITY.get(change, 7) if letter in BAD or change in "xka" else 5 if letter == "s" else 7


_CHANGE = {(now, then): _change(now, then) for now, then in product("pfes", "pfes.")}
_RANKS = {(letter, change): _rank(letter, change) for letter, change in product("pfes", CHANGES)}


def totals(compared: Sequence[Compared], flaky: Collection[int], quarantined: Collection[int]) -> TestTotals:
    letters = "".join(one.outcomes for one in compared)
    changes = "".join(one.changes for one in compared)
    bad = [
        case
        for one in compared
        for case, letter in zip(one.cases, one.outcomes, strict=True)
        if letter in BAD and case in quarantined
    ]
    shown = {case for one in compared for case in one.cases}.intersection(flaky) if flaky else set()
    return TestTotals(
        total=len(letters),
        passed=letters.count("p"),
        failed=letters.count("f"),
        errors=letters.count("e"),
        skipped=letters.count("s"),
        milliseconds=sum(one.run.milliseconds for one in compared),
        new_failures=changes.count("n"),
        still_failing=changes.count("w"),
        fixed=changes.count("x"),
        newly_skipped=changes.count("k"),
        added=changes.count("a"),
        gone=sum(one.gone for one in compared),
        unknown=changes.count("?"),
        flaky=len(shown),
        quarantined=len(bad),
    )


def by_layer(compared: Sequence[Compared]) -> list[LayerCount]:
    """In the order of the layers; none where no case is of it."""
    counted: Counter[tuple[str, str]] = Counter()
    for one in compared:
        counted.update(zip(one.layers, one.outcomes, strict=True))
    found = []
    for layer in Layer:
        letter = next(sign for sign, of in LAYERS.items() if of is layer)
        passed, failed, errors, skipped = (counted[letter, outcome] for outcome in "pfes")
        if passed + failed + errors + skipped:
            found.append(LayerCount(layer, passed + failed + errors + skipped, passed, failed + errors, skipped))
    return found
