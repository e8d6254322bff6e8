"""Lint: plan for each of several events, gather every problem once, and look for what can never happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.flow.jobs.order_job import missing_tokens
from plumbline.flow.runs.not_honoured import not_honoured, shortlist
from plumbline.kernel import t
from plumbline.model.pipeline import Plan
from plumbline.model.problem import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class LintReport(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a configuration, and how many jobs each event would start."""

    problems: tuple[Problem, ...]
    jobs: dict[str, int]  # event -> number of jobs
    files: tuple[str, ...]

    @property
    def failed(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def check(plans: Mapping[str, Plan], asked: Collection[str] = ()) -> LintReport:
    """Join the problems of several plans of one configuration. ``asked``: the events whose pipelines are wanted (none:
    all); what is wrong in those of others alone is a warning.

    A job that no event starts gets a warning; so does an event that starts nothing though others do.
    """
    problems: dict[tuple[object, ...], Problem] = {}
    for event, plan in plans.items():
        for problem in plan.problems:
            key = (problem.code, problem.where, problem.keyword, problem.message.msgid)
            if asked and not any(_same(problem, other) for name in asked for other in plans[name].problems):
                problem = _lessened(problem)
            problems.setdefault(key, _named(problem, event, plans))
    for problem in (*_unreachable(plans), *_local_differences(plans)):
        problems[problem.code, problem.where, problem.keyword] = problem
    ordered = sorted(problems.values(), key=lambda p: (p.severity != Severity.ERROR, p.where or ("", 0, 0)))
    files = {name: None for plan in plans.values() for name in plan.files}
    return LintReport(
        problems=tuple(ordered),
        jobs={event: len(plan.jobs) for event, plan in plans.items()},
        files=tuple(files),
    )


def _named(problem: Problem, event: str, plans: Mapping[str, Plan]) -> Problem:
    """A problem that only some events have says which one."""
    if all(any(_same(problem, other) for other in plan.problems) for plan in plans.values()):
        return problem
    return msgspec.structs.replace(
        problem, message=t("{message} (event {event})", message=problem.message, event=event)
    )


def _lessened(problem: Problem) -> Problem:
    """An error as a warning."""
    if problem.severity is not Severity.ERROR:
        return problem
    return msgspec.structs.replace(problem, severity=Severity.WARNING)


def _same(one: Problem, other: Problem) -> bool:
    return (one.code, one.where, one.keyword) == (other.code, other.where, other.keyword)


def _unreachable(plans: Mapping[str, Plan]) -> list[Problem]:
    if any(plan.errors for plan in plans.values()):
        return []  # a pipeline that is refused has no jobs for another reason
    reached = {decision.job for plan in plans.values() for decision in plan.decisions if decision.included}
    events = ", ".join(plans)
    found: list[Problem] = []
    first = next(iter(plans.values()), None)
    for decision in first.decisions if first else ():
        if decision.job not in reached:
            found.append(
                Problem(
                    code="unreachable-job",
                    severity=Severity.WARNING,
                    message=t("no event looked at starts this job ({events})", events=events),
                    where=decision.where,
                    keyword=decision.job,
                    hint=t("'plumb why {job}' shows the rules and the values they saw.", job=decision.job),
                )
            )
    return found


def _local_differences(plans: Mapping[str, Plan]) -> list[Problem]:
    """Notes on what a server would do for a job and a local run cannot."""
    found: dict[tuple[str, str], Problem] = {}
    for plan in plans.values():
        for one in not_honoured(plan):
            found.setdefault(
                ("", one.path),
                Problem(
                    code="not-in-a-local-run",
                    severity=Severity.NOTE,
                    message=t("{note} (jobs: {jobs})", note=one.note, jobs=shortlist(one.jobs)),
                    where=one.where,
                    keyword=f"{one.jobs[0]}:{one.path}",
                ),
            )
        for job in plan.jobs:
            variables = (*plan.variables, *job.variables)
            given = {variable.name for variable in variables}
            for keyword, names, message in (
                ("id_tokens", missing_tokens(job, variables), t("a local run has no issuer, so its tokens are empty")),
                ("secrets", sorted(set(job.secrets) - given), t("a local run asks no vault, so the job would fail")),
                ("release", [""] * bool(job.release), t("a local run does not publish the release")),
            ):
                if names:
                    found[job.group, keyword] = Problem(
                        code="not-in-a-local-run",
                        severity=Severity.NOTE,
                        message=message,
                        where=job.where,
                        keyword=f"{job.group}:{keyword}",
                        hint=t("Give a value for this run: --secret {name}=VALUE", name=names[0]) if names[0] else None,
                    )
    return list(found.values())
