"""What a pipeline says against its base, on one screen: for its page, for the API, and for whoever comments on a merge
request. One function, so that they never disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.pipelines.look_up import pipeline_for
from plumbline.flow.reports.contents import INTERFACE_COVERAGE
from plumbline.flow.reports.newest import newest_reports
from plumbline.flow.reports.seen_tests import TestFilter
from plumbline.flow.reports.view_coverage import coverage_of
from plumbline.flow.reports.view_tests import seen_of
from plumbline.model.report import CaseOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.reports.seen_coverage import CoverageSeen
    from plumbline.flow.reports.seen_tests import CaseSeen, TestTotals
    from plumbline.flow.reports.tools import ReportTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.reported import Measure, ScanKept, StoredReport
    from plumbline.model.server import StoredPipeline

FEW = 10  # cases that are named
_BAD = TestFilter(outcomes=(CaseOutcome.FAILED, CaseOutcome.ERROR), limit=FEW)


class ScanSeen(NamedTuple):
    report: StoredReport
    scan: ScanKept


class PipelineSummary(NamedTuple):
    """Of what nothing is there, there is no data: ``tests`` is None, lists are empty, and nobody may read that as
    good. ``bases``: the pipelines that it is held against. ``unreadable``: reports that could not be read or are not
    believed. ``measures``: other numbers, such as the interface coverage."""

    pipeline: StoredPipeline
    tests: TestTotals | None
    failures: Sequence[CaseSeen]
    coverage: Sequence[CoverageSeen]
    scans: Sequence[ScanSeen]
    measures: Sequence[Measure]
    unreadable: Sequence[StoredReport]
    bases: Sequence[int]


def view_summary(actor: Actor, tools: ReportTools, pipeline: int) -> PipelineSummary:
    """Raises PlumblineError ``not-found`` or ``not-allowed``."""
    with tools.units.view(actor) as unit:
        return summary_of(unit, pipeline_for(unit, use_cases.VIEW_REPORTS, pipeline))


def summary_of(unit: UnitOfWork, pipeline: StoredPipeline) -> PipelineSummary:
    """The same inside a unit that asked already."""
    reports = newest_reports(unit.tx, pipeline)
    by_id = {one.id: one for one in reports}
    tests = seen_of(unit, pipeline, _BAD) if any(one.holds == "tests" for one in reports) else None
    coverage = coverage_of(unit.tx, pipeline, files=False)
    runs = tests.runs if tests is not None else ()
    bases = [one.base.pipeline for one in runs if one.base is not None]
    bases += [one.base.pipeline for one in coverage if one.base is not None]
    return PipelineSummary(
        pipeline,
        tests.totals if tests is not None and any(not one.stale for one in tests.runs) else None,
        tests.cases if tests is not None else (),
        coverage,
        [ScanSeen(by_id[one.report], one) for one in unit.tx.findings.scans(by_id)],
        _newest(unit.tx.reports.measures(by_id)),
        [one for one in reports if one.problem or one.flagged],
        sorted({one for one in bases if one}),
    )


def _newest(measures: Sequence[Measure]) -> list[Measure]:
    """Of the interface coverage the newest alone: each job that told of an interface had it counted again, for the
    whole pipeline."""
    counted = [one for one in measures if one.name == INTERFACE_COVERAGE]
    newest = max(counted, key=lambda one: one.report, default=None)
    return [one for one in measures if one.name != INTERFACE_COVERAGE or one is newest]
