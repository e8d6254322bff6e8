"""Take in a report that a registered source sends: it is the word of that source, and kept as such."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.reports.add_report import about_commit, of_brought, read_brought, take_one
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.reported import Origin

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.reports.add_report import Brought
    from plumbline.flow.reports.subject import Subject
    from plumbline.flow.reports.tools import ReportTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.change import Change
    from plumbline.model.reported import Taken
    from plumbline.model.source import Source


def receive_report(actor: Actor, tools: ReportTools, source: Source, path: str, brought: Brought) -> Taken:
    """Of a source that proved itself. ``path``: of the project that it is about, as the source's mapping gives it.

    Raises PlumblineError ``not-found``, ``report-subject``, ``source-changed``, and as adding a report does.
    """
    with tools.units.view(actor) as unit:
        unit.require(use_cases.SEND_REPORT)
        subject, change = _subject(unit, source, path, brought)
    read = read_brought(tools, brought, subject, change)
    with tools.units.change(actor) as unit:
        unit.require(use_cases.SEND_REPORT)
        if unit.tx.sources.version(source.id) != source.version:
            raise PlumblineError(
                "source-changed",
                t("The source {name} was changed meanwhile.", name=source.name),
                t("Send it again."),
                kind=ErrorKind.REFUSED,
            )
        subject, _ = _subject(unit, source, path, brought)
        return take_one(unit, tools, subject, read)


def _subject(unit: UnitOfWork, source: Source, path: str, brought: Brought) -> tuple[Subject, Change]:
    """What is not at the project of the source does not exist for it."""
    project = unit.tx.tree.at(path) if path else None
    if project is None:
        raise PlumblineError(
            "report-subject",
            t("A report is about a project, and '{path}' is none that this source speaks about.", path=path[:80]),
            kind=ErrorKind.CONFIGURATION,
        )
    series = f"{Origin.SOURCE.value}:{source.name}:{brought.kind}"
    if brought.pipeline:
        pipeline = unit.tx.pipelines.get(brought.pipeline)
        if pipeline is None or pipeline.project != project.id:
            raise PlumblineError(
                "not-found", t("There is no pipeline {pipeline}.", pipeline=brought.pipeline), kind=ErrorKind.REFUSED
            )
        return of_brought(pipeline, series, Origin.SOURCE, source.name), pipeline.change
    return about_commit(project.id, project.path, brought.commit, series, Origin.SOURCE, source.name)
