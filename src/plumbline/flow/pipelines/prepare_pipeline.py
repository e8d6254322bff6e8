"""Plan the pipeline of a commit, before it is stored."""

from __future__ import annotations

import re
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from plumbline.flow.jobs.plan_pipeline import plan_pipeline
from plumbline.flow.pipelines.fetching import check_patience
from plumbline.flow.pipelines.hints import hints_here
from plumbline.flow.pipelines.occasions import NO_CONTRACT, RepositoryContract, read_contract_of
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.flow.pipelines.tools import ServedProject, Server, Wanted
    from plumbline.model.change import Change
    from plumbline.model.pipeline import Plan, Variable

CODE_CHANGES = (Event.PUSH, Event.MERGE_REQUEST)  # only these may be skipped, and make older pipelines redundant
_SKIPS = re.compile(r"\[(?:ci[ _-]skip|skip[ _-]ci)\]", re.IGNORECASE)


class NoPipeline(StrEnum):
    """Why a change that is as it should be gets none."""

    SKIPPED = "skipped"  # whoever pushed says so
    NO_JOBS = "no-jobs"  # the rules leave none
    NO_CONFIGURATION = "no-configuration"  # the commit has no file that says what to run


class Prepared(NamedTuple):
    """A pipeline that was planned, and is not stored yet."""

    project: int
    plan: Plan
    by: int
    auto_cancel: bool  # older ones of its ref
    schedule: int = 0  # that asks for it
    cause: str = ""  # id of the event of ours that it follows
    contract: RepositoryContract = NO_CONTRACT


def prepare_pipeline(
    server: Server,
    wanted: Wanted,
    *,
    variables: tuple[Variable, ...] = (),
    inputs: Mapping[str, object] = MappingProxyType({}),
    by: int,
    fetch: bool = True,
) -> Prepared | NoPipeline:
    """Plan the pipeline of a commit; it touches git, so never inside a transaction.

    Raises PlumblineError ``project-archived``; the repository cannot be read, the ref is unknown, or it is waited for
    no longer.
    """
    projects = server.projects
    served = live_project(server, wanted.project)
    check_patience()
    if fetch:
        request = wanted.merge_request
        projects.fetch(wanted.project, merge_request=request.iid if request else 0)
        served = projects.project(wanted.project)  # the first fetch tells the default branch
    with hints_here():
        change = projects.change(wanted)
        if _skipped(change):
            return NoPipeline.SKIPPED
        everything = (*projects.variables(wanted.project), *variables)
        plan = plan_pipeline(projects.tools(wanted.project, change, everything, dict(inputs), by=by))
    if change.event in CODE_CHANGES and any(one.code == NoPipeline.NO_CONFIGURATION for one in plan.errors):
        return NoPipeline.NO_CONFIGURATION
    if not plan.errors and not plan.jobs:
        return NoPipeline.NO_JOBS
    projects.keep(wanted.project, change.sha)
    redundant = served.auto_cancel and not plan.errors
    contract = read_contract_of(projects, change)
    return Prepared(wanted.project, plan, by, redundant, wanted.schedule, wanted.cause, contract)


def live_project(server: Server, project: int) -> ServedProject:
    """What is known of a project. PlumblineError ``project-archived`` where nothing starts there any more."""
    served = server.projects.project(project)
    if served.archived:
        raise PlumblineError(
            "project-archived",
            t("'{path}' is archived: no pipeline starts there any more.", path=served.project.path),
            t("Take it back from the archive, or remove what tells the server of changes: the webhook or the hook."),
            kind=ErrorKind.REFUSED,
        )
    return served


def _skipped(change: Change) -> bool:
    """Words of whoever pushed; they do not stop a person, a schedule or another pipeline.
    (docs: ci/pipelines/#skip-a-pipeline)"""
    return change.event in CODE_CHANGES and _SKIPS.search(change.message) is not None
