"""See which lines tests executed: of a pipeline, of a file, of a project over time.

All raise PlumblineError ``not-found`` or ``not-allowed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.pipelines.look_up import pipeline_for, project_for
from plumbline.flow.reports.bases import base_coverage
from plumbline.flow.reports.newest import newest_reports
from plumbline.flow.reports.seen_coverage import (
    CoverageSeen,
    FileCovered,
    FileSeen,
    PipelineCoverage,
    ProjectCoverage,
)
from plumbline.flow.reports.sign import lines_of
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import t
from plumbline.model.change import Change, Project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.reports.tools import ReportTools
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.reported import CoverageKept, FileLines
    from plumbline.model.server import StoredPipeline

TREND = 60  # reports of a project


def view_coverage(actor: Actor, tools: ReportTools, pipeline: int) -> PipelineCoverage:
    with tools.units.view(actor) as unit:
        found = pipeline_for(unit, use_cases.VIEW_REPORTS, pipeline)
        node = unit.tx.tree.ancestors(found.project)[0]
        return PipelineCoverage(node, found, coverage_of(unit.tx, found))


def coverage_of(tx: Transaction, pipeline: StoredPipeline, *, files: bool = True) -> list[CoverageSeen]:
    """Of the newest attempts. ``files``: with every file of each."""
    reports = {one.id: one for one in newest_reports(tx, pipeline) if one.holds == "coverage"}
    return [
        CoverageSeen(
            reports[kept.report],
            kept,
            base_coverage(tx, pipeline, kept),
            [covered(one) for one in tx.reports.coverage_files(kept.report)] if files else (),
        )
        for kept in tx.reports.coverage(reports)
    ]


def covered(file: FileLines) -> FileCovered:
    touched = set(file.changed)
    hit = len(touched.intersection(file.hit))
    return FileCovered(
        file.path,
        len(file.hit) + len(file.missed),
        len(file.hit),
        file.branches,
        file.branches_hit,
        hit + len(touched.intersection(file.missed)),
        hit,
    )


def view_covered_file(actor: Actor, tools: ReportTools, report: int, path: str) -> FileSeen:
    """One file of a report with its lines. Asks git outside the transaction."""
    with tools.units.view(actor) as unit:
        found = unit.tx.reports.get(report)
        missing = t("There is no report {report}.", report=report)
        ancestors = unit.require(use_cases.VIEW_REPORTS, found.project if found else None, missing)
        assert found is not None
        file = next((one for one in unit.tx.reports.coverage_files(report) if one.path == path), None)
    if file is None:
        raise not_found(t("The report has no file {path}.", path=path))
    change = Change(project=Project(path=ancestors[0].path, id=found.project), sha=found.commit)
    files = tools.server.projects.files_at(change) if found.commit else None
    return FileSeen(ancestors[0], found, file, lines_of(files, path) if files is not None else None)


def view_project_coverage(actor: Actor, tools: ReportTools, project: int) -> ProjectCoverage:
    with tools.units.view(actor) as unit:
        node = project_for(unit, use_cases.VIEW_REPORTS, project)[0]
        return ProjectCoverage(node, list(reversed(_trend(unit.tx, project))))


def _trend(tx: Transaction, project: int) -> Sequence[CoverageKept]:
    return tx.reports.coverage_before(project, "", TREND, trunk=True)
