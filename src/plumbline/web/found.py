"""What a pipeline or a job found and made, as their own pages show it in a few lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.artifacts.made_by import MadeRow, artifacts_of_pipeline
from plumbline.flow.reports.seen_tests import TestFilter, TestTotals
from plumbline.flow.reports.summary import PipelineSummary, view_summary
from plumbline.flow.reports.view_reports import list_job_reports
from plumbline.flow.reports.view_tests import view_tests
from plumbline.flow.tree.read_tree import permitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.pipelines.standings import Chain
    from plumbline.model.reported import Measure, StoredReport
    from plumbline.model.server import StoredJob, StoredPipeline
    from plumbline.web.page import Ask

INTERFACE = "interface-coverage"
_FEW = 12  # artifacts that are named


@dataclass(frozen=True, slots=True)
class Found:
    """``summary`` None: no report was read. ``made`` None: the reader may not see artifacts."""

    summary: PipelineSummary | None
    made: Sequence[MadeRow] | None

    @property
    def anything(self) -> bool:
        return self.summary is not None or bool(self.made)

    @property
    def interface(self) -> Measure | None:
        """How many operations of the contracts have a test that asserts."""
        measures = self.summary.measures if self.summary is not None else ()
        return next((one for one in measures if one.name == INTERFACE and one.denominator), None)


@dataclass(frozen=True, slots=True)
class FoundByJob:
    """``tests`` None: it left no test report that was read."""

    reports: Sequence[StoredReport]
    tests: TestTotals | None
    made: Sequence[MadeRow]


def found_by_pipeline(ask: Ask, pipeline: StoredPipeline) -> Found:
    summary = view_summary(ask.actor, ask.tools.reports, pipeline.id)
    told = summary.tests or summary.coverage or summary.scans or summary.measures or summary.unreadable
    return Found(summary if told else None, _made(ask, pipeline))


def found_by_job(ask: Ask, pipeline: StoredPipeline, job: StoredJob) -> FoundByJob:
    reports = list_job_reports(ask.actor, ask.tools.reports, job.id)
    tests = None
    if any(one.holds == "tests" for one in reports):
        tests = view_tests(ask.actor, ask.tools.reports, pipeline.id, TestFilter(job=job.id, limit=0)).totals
    return FoundByJob(reports, tests, _made(ask, pipeline, job.id) or ())


def made_of_trunk(ask: Ask, chain: Chain) -> Sequence[MadeRow] | None:
    """What the newest pipeline of the default branch made; None: the reader may not see artifacts there."""
    return _made(ask, chain.trunk) if chain.trunk is not None else ()


def _made(ask: Ask, pipeline: StoredPipeline, job: int = 0) -> Sequence[MadeRow] | None:
    (sees,) = permitted(ask.actor, ask.tools.tree, pipeline.project, use_cases.VIEW_ARTIFACT)
    if not sees:
        return None
    return artifacts_of_pipeline(ask.actor, ask.tools.artifacts, pipeline.id, job)[:_FEW]
