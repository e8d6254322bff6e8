"""What people see of tests: runs, cases and how they changed. Values only."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.model.report import CaseOutcome, Layer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.model.reported import CaseName, CaseResult, FlakyCase, Quarantine, StoredReport, TestRunKept
    from plumbline.model.server import StoredJob, StoredPipeline
    from plumbline.model.tree import Node


class CaseChange(StrEnum):
    """How a case changed against the base."""

    NONE = ""
    NEW_FAILURE = "new_failure"  # it passed there, was skipped, or was not there
    STILL_FAILING = "still_failing"
    FIXED = "fixed"
    NEWLY_SKIPPED = "newly_skipped"  # it was executed there
    ADDED = "added"  # it was not there, and did not fail
    UNKNOWN = "unknown"  # there is nothing to hold it against


class CaseOrder(StrEnum):
    GRAVITY = "gravity"  # what failed and is new first
    SLOWEST = "slowest"
    NAME = "name"


class TestFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases are shown; what is left out chooses all. ``job``: of one job of the pipeline."""

    __test__ = False

    outcomes: tuple[CaseOutcome, ...] = ()
    layers: tuple[Layer, ...] = ()
    changes: tuple[CaseChange, ...] = ()
    flaky: bool = False
    quarantined: bool = False
    words: str = ""
    job: int = 0
    order: CaseOrder = CaseOrder.GRAVITY
    offset: int = 0
    limit: int = 100


EVERY_TEST = TestFilter()


class TestTotals(msgspec.Struct, frozen=True, kw_only=True):
    """Of the newest attempts of all jobs. The changes are against the base; of ``unknown`` cases there is none.
    ``gone``: cases that the base has and that are not there any more. ``quarantined``: of those that did not pass."""

    __test__ = False

    total: int = 0
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    milliseconds: int = 0
    new_failures: int = 0
    still_failing: int = 0
    fixed: int = 0
    newly_skipped: int = 0
    added: int = 0
    gone: int = 0
    unknown: int = 0
    flaky: int = 0
    quarantined: int = 0

    @property
    def bad(self) -> int:
        return self.failed + self.errors

    @property
    def executed(self) -> int:
        return self.total - self.skipped


class LayerCount(NamedTuple):
    layer: Layer
    total: int
    passed: int
    bad: int
    skipped: int


class RunSeen(NamedTuple):
    """``job``: None where somebody brought the report. ``stale``: a newer attempt of its job ran since; it is not
    counted."""

    report: StoredReport
    run: TestRunKept
    base: TestRunKept | None
    job: StoredJob | None
    stale: bool


class CaseSeen(NamedTuple):
    """``seconds`` None: not told. ``failed_of``: in how many of how many of the last runs of its series it did not
    pass; both 0 where nobody looked."""

    case: CaseName
    report: int
    job: int
    series: str
    layer: Layer
    outcome: CaseOutcome
    seconds: float | None
    words: CaseResult | None
    change: CaseChange
    flaky: bool
    quarantine: Quarantine | None
    failed_of: tuple[int, int]


class TestsSeen(NamedTuple):
    """``cases``: those of the filter, one part of them; ``found``: how many there are. ``unreadable``: files that
    were to be test reports and could not be read, or are not believed."""

    project: Node
    pipeline: StoredPipeline | None
    runs: Sequence[RunSeen]
    totals: TestTotals
    layers: Sequence[LayerCount]
    cases: Sequence[CaseSeen]
    found: int
    slowest: Sequence[CaseSeen]
    unreadable: Sequence[StoredReport]


class CaseRun(NamedTuple):
    """One result in the history of a case."""

    run: TestRunKept
    outcome: CaseOutcome
    seconds: float | None
    words: CaseResult | None


class CaseHistory(NamedTuple):
    """``runs``: the newest first. ``failed_of``: in how many of them it did not pass, of how many in which it was
    executed."""

    project: Node
    case: CaseName
    runs: Sequence[CaseRun]
    failed_of: tuple[int, int]
    flaky: Sequence[FlakyCase]
    quarantines: Sequence[Quarantine]


class ProjectTests(NamedTuple):
    """``trend``: the runs of the default branch, the oldest first. ``flaky``: by case, on how many commits, the most
    first. ``failing``: of the newest pipeline of the default branch that had tests."""

    project: Node
    trend: Sequence[TestRunKept]
    newest: int  # pipeline; 0: none
    flaky: Sequence[tuple[CaseName, int, FlakyCase]]
    quarantines: Sequence[tuple[CaseName, Quarantine]]
    states: Mapping[int, str]
