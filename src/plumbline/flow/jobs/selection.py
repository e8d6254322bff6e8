"""Which jobs of a plan a person wants to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.job import When
from plumbline.model.pipeline import Job, Need, Plan
from plumbline.pipeline import did_you_mean, give_inputs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Empty: the whole pipeline. ``jobs`` are full names, or names in the file (then all of their instances)."""

    jobs: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    with_needs: bool = False  # also all that these jobs need, directly or not
    manual: tuple[str, ...] = ()  # manual jobs to play as soon as their turn comes; "*": all of them
    skip_delays: bool = False
    inputs: dict[str, dict[str, str]] = {}  # of jobs, by the name in the file

    def plays(self, job: Job) -> bool:
        """Whether this manual job is to start without being asked about."""
        return "*" in self.manual or job.name in self.manual or job.group in self.manual


def select(plan: Plan, selection: Selection) -> Plan:
    """The plan with only the selected jobs; needs on jobs left out are dropped.

    A manual or delayed job that is asked for by name starts when its turn comes, like any other.
    Raises PlumblineError ``unknown-job``, ``job-left-out``, ``job-not-manual``, ``unknown-stage`` or ``job-input``.
    """
    _check_manual(plan, selection)
    plan = _with_inputs(plan, selection)
    if not selection.jobs and not selection.stages:
        return plan
    wanted = _named(plan, selection.jobs) | _staged(plan, selection.stages)
    asked = {name for name in wanted if _is_named(plan.job(name), selection.jobs)}
    if selection.with_needs:
        wanted = _closure(plan, wanted)
    jobs = tuple(_detached(job, wanted, job.name in asked) for job in plan.jobs if job.name in wanted)
    return msgspec.structs.replace(plan, jobs=jobs)


def _check_manual(plan: Plan, selection: Selection) -> None:
    """Raises PlumblineError where a job is to be played that is not there, or that is not manual."""
    for name in selection.manual:
        if name == "*":
            continue
        hits = [job for job in plan.jobs if name in (job.name, job.group)]
        if not hits:
            if any(job.trigger for job in plan.jobs) and not _is_decided(plan, name):
                continue  # perhaps of a pipeline that is started from this one
            raise _unknown_job(plan, name)
        if not any(job.when in (When.MANUAL, When.DELAYED) for job in hits):
            raise PlumblineError(
                "job-not-manual",
                t("The job '{job}' is not manual: it starts by itself.", job=name),
                t("Leave --manual {job} out.", job=name),
                kind=ErrorKind.CONFIGURATION,
            )


def _with_inputs(plan: Plan, selection: Selection) -> Plan:
    if not selection.inputs:
        return plan
    _named(plan, tuple(selection.inputs))
    given = selection.inputs
    return msgspec.structs.replace(
        plan, jobs=tuple(give_inputs(job, given[job.group]) if job.group in given else job for job in plan.jobs)
    )


def _is_decided(plan: Plan, name: str) -> bool:
    return any(decision.job == name for decision in plan.decisions)


def left_out_sources(whole: Plan, chosen: Plan) -> dict[str, tuple[str, ...]]:
    """By chosen job: the jobs outside the selection whose artifacts it would be handed in the whole pipeline."""
    kept = {job.name for job in chosen.jobs}
    if len(kept) == len(whole.jobs):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for job in whole.jobs:
        if job.name in kept:
            others = (other for other in whole.jobs if other.name not in kept and other.artifacts is not None)
            outside = tuple(other.name for other in others if hands_over(other, job))
            if outside:
                found[job.name] = outside
    return found


def hands_over(source: Job, job: Job) -> bool:
    """Whether a job is handed the artifacts of another: by ``dependencies``, ``needs``, or because it comes later."""
    if job.needs is not None:
        wanted = any(need.job == source.name and need.artifacts for need in job.needs)
    else:
        wanted = source.stage_index < job.stage_index
    return wanted and (job.dependencies is None or source.name in job.dependencies)


def _is_named(job: Job | None, names: Iterable[str]) -> bool:
    return job is not None and (job.name in names or job.group in names)


def _named(plan: Plan, names: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    for name in names:
        hits = {job.name for job in plan.jobs if name in (job.name, job.group)}
        if not hits:
            raise _unknown_job(plan, name)
        found |= hits
    return found


def _unknown_job(plan: Plan, name: str) -> PlumblineError:
    left_out = next((d for d in plan.decisions if d.job == name and not d.included), None)
    if left_out is not None:
        return PlumblineError(
            "job-left-out",
            t("The job '{job}' is not in this pipeline: {reason}", job=name, reason=left_out.reason),
            t("'plumb why {job}' shows the rules and the values they saw.", job=name),
            kind=ErrorKind.CONFIGURATION,
        )
    known = [job.name for job in plan.jobs] + [decision.job for decision in plan.decisions]
    return unknown_job(name, known + [job.group for job in plan.jobs])


def unknown_job(name: str, known: Collection[str]) -> PlumblineError:
    """The refusal of a name that no job has."""
    hint = did_you_mean(name, known) or t("'plumb plan' lists the jobs.")
    if name.startswith("."):
        hint = t("A name that begins with a dot is hidden: a template for others, never a job.")
    return PlumblineError("unknown-job", t("There is no job '{job}'.", job=name), hint, kind=ErrorKind.CONFIGURATION)


def _staged(plan: Plan, stages: tuple[str, ...]) -> set[str]:
    for stage in stages:
        if stage not in plan.stages:
            raise PlumblineError(
                "unknown-stage",
                t("No job of this pipeline is in a stage '{stage}'.", stage=stage),
                did_you_mean(stage, plan.stages) or t("Stages with jobs: {stages}", stages=", ".join(plan.stages)),
                kind=ErrorKind.CONFIGURATION,
            )
    return {job.name for job in plan.jobs if job.stage in stages}


def _closure(plan: Plan, wanted: set[str]) -> set[str]:
    """With everything they need; a job without ``needs`` needs all jobs of all earlier stages."""
    jobs = {job.name: job for job in plan.jobs}
    seen = set(wanted)
    todo = list(wanted)
    while todo:
        job = jobs[todo.pop()]
        if job.needs is None:
            before = [other.name for other in plan.jobs if other.stage_index < job.stage_index]
        else:
            before = [need.job for need in job.needs if not need.pipeline and not need.project]
        fresh = [name for name in before if name in jobs and name not in seen]
        seen.update(fresh)
        todo.extend(fresh)
    return seen


def _detached(job: Job, kept: set[str], asked: bool) -> Job:
    needs: tuple[Need, ...] | None = job.needs
    if needs is not None:
        needs = tuple(need for need in needs if need.pipeline or need.project or need.job in kept)
    when = When.ON_SUCCESS if asked and job.when in (When.MANUAL, When.DELAYED, When.ON_FAILURE) else job.when
    return msgspec.structs.replace(job, needs=needs, when=when)
