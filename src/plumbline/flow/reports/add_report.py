"""Add a report that was made elsewhere: by a person, or by a registered source. The same intake as that of jobs reads
it; whose word it is stays known, and no fact of ours rests on it.

Raises PlumblineError ``not-found``, ``not-allowed``, ``report-subject``, ``report-empty``, ``report-commit-unknown``.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import msgspec

from plumbline.access import use_cases
from plumbline.flow.pipelines.look_up import check_project
from plumbline.flow.reports.finding_key import finding_key
from plumbline.flow.reports.read_files import LARGEST, too_large
from plumbline.flow.reports.sign import sign
from plumbline.flow.reports.subject import Subject, of_pipeline
from plumbline.flow.reports.take_in import Intake
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import Change, Project
from plumbline.model.reported import Origin, ReadFile, ReadReports

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.reports.tools import ReportTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.reported import Taken
    from plumbline.model.server import StoredPipeline

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_KIND = re.compile(r"[a-z][a-z0-9_-]{0,40}\Z")


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """A file with what it is said to be. ``kind``: a format, or a key of artifacts:reports. It is about a pipeline, or
    about a commit of a project. ``layer``: of tests whose report does not say it."""

    kind: str
    name: str
    data: bytes
    project: int = 0
    pipeline: int = 0
    commit: str = ""
    layer: str = ""


def add_report(actor: Actor, tools: ReportTools, brought: Brought) -> Taken:
    """As a person, whose word it is."""
    with tools.units.view(actor) as unit:
        subject, change = _subject(unit, brought, Origin.PERSON, actor.name)
    read = _read(tools, brought, subject, change)
    with tools.units.change(actor) as unit:
        unit.refresh()
        subject, _ = _subject(unit, brought, Origin.PERSON, actor.name)
        return take_one(unit, tools, subject, read)


def take_one(unit: UnitOfWork, tools: ReportTools, subject: Subject, read: ReadReports) -> Taken:
    """One file, inside a unit that asked already."""
    (taken,) = Intake(unit.tx, tools.server.source, subject, unit.now).take(read)
    return taken


def read_brought(tools: ReportTools, brought: Brought, subject: Subject, change: Change) -> ReadReports:
    """What it says, outside every transaction."""
    return _read(tools, brought, subject, change)


def _read(tools: ReportTools, brought: Brought, subject: Subject, change: Change) -> ReadReports:
    if not _KIND.match(brought.kind):
        raise PlumblineError(
            "report-kind",
            t("'{kind}' is no kind of report.", kind=brought.kind[:80]),
            t("Name a format, or a key of artifacts:reports: junit, cobertura, sast, cyclonedx, ..."),
            kind=ErrorKind.CONFIGURATION,
        )
    if not brought.data:
        raise PlumblineError("report-empty", t("The file is empty."), kind=ErrorKind.CONFIGURATION)
    content = (
        too_large(len(brought.data))
        if len(brought.data) > LARGEST
        else tools.read(brought.layer, brought.name, brought.data, brought.kind)
    )
    digest = f"sha256:{hashlib.sha256(brought.data).hexdigest()}"
    file = ReadFile(kind=brought.kind, name=brought.name, digest=digest, size=len(brought.data), content=content)
    key = finding_key(tools.server.store, tools.server.vault)
    projects = tools.server.projects
    if not subject.commit:
        return sign(ReadReports((file,)), key, None)
    return sign(ReadReports((file,), projects.changed_lines(change)), key, projects.files_at(change))


def _subject(unit: UnitOfWork, brought: Brought, origin: Origin, sender: str) -> tuple[Subject, Change]:
    """What it is about, where the actor may add to it."""
    series = f"{origin.value}:{sender}:{brought.kind}"
    if brought.pipeline:
        pipeline = unit.tx.pipelines.get(brought.pipeline)
        missing = t("There is no pipeline {pipeline}.", pipeline=brought.pipeline)
        unit.require(use_cases.ADD_REPORT, pipeline.project if pipeline else None, missing)
        assert pipeline is not None
        return of_brought(pipeline, series, origin, sender), pipeline.change
    node = unit.require(
        use_cases.ADD_REPORT, brought.project or None, t("There is no node {node}.", node=brought.project)
    )[0]
    check_project(node)
    return about_commit(node.id, node.path, brought.commit, series, origin, sender)


def of_brought(pipeline: StoredPipeline, series: str, origin: Origin, sender: str) -> Subject:
    return of_pipeline(pipeline, series, origin, sender)


def about_commit(
    project: int, path: str, commit: str, series: str, origin: Origin, sender: str
) -> tuple[Subject, Change]:
    """Of a commit by its full id. PlumblineError ``report-subject``."""
    if not _COMMIT.match(commit):
        raise PlumblineError(
            "report-subject",
            t("A report is about a pipeline, or about a commit by its full id."),
            t("Name the pipeline, or all 40 digits of the commit."),
            kind=ErrorKind.CONFIGURATION,
        )
    subject = Subject(project=project, path=path, series=series, commit=commit, origin=origin, sender=sender)
    return subject, Change(project=Project(path=path, id=project), sha=commit)
