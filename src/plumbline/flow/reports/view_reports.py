"""See what was reported: every report of a pipeline or a commit, and one of them with all that is kept of it.

All raise PlumblineError ``not-found`` or ``not-allowed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.pipelines.look_up import job_for, pipeline_for, project_for
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.reports.tools import ReportTools
    from plumbline.model.reported import Measure, ReportDetail, StoredReport
    from plumbline.model.tree import Node


class ReportSeen(NamedTuple):
    project: Node
    report: StoredReport
    detail: ReportDetail
    measures: Sequence[Measure]


def list_reports(actor: Actor, tools: ReportTools, pipeline: int) -> Sequence[StoredReport]:
    """Of every attempt, in the order they came."""
    with tools.units.view(actor) as unit:
        pipeline_for(unit, use_cases.VIEW_REPORTS, pipeline)
        return unit.tx.reports.of_pipelines([pipeline])


def list_job_reports(actor: Actor, tools: ReportTools, job: int) -> Sequence[StoredReport]:
    with tools.units.view(actor) as unit:
        pipeline, _ = job_for(unit, use_cases.VIEW_REPORTS, job)
        return [one for one in unit.tx.reports.of_pipelines([pipeline.id]) if one.job == job]


def list_commit_reports(actor: Actor, tools: ReportTools, project: int, commit: str) -> Sequence[StoredReport]:
    with tools.units.view(actor) as unit:
        project_for(unit, use_cases.VIEW_REPORTS, project)
        return unit.tx.reports.of_commit(project, commit)


def view_report(actor: Actor, tools: ReportTools, report: int) -> ReportSeen:
    with tools.units.view(actor) as unit:
        found = unit.tx.reports.get(report)
        missing = t("There is no report {report}.", report=report)
        ancestors = unit.require(use_cases.VIEW_REPORTS, found.project if found else None, missing)
        assert found is not None
        return ReportSeen(ancestors[0], found, unit.tx.reports.detail(report), unit.tx.reports.measures([report]))
