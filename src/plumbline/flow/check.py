"""Lint: plan for each of several events, gather every problem once, and look for what can never happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import t
from plumbline.model import Plan, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping


class LintReport(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a configuration, and how many jobs each event would start."""

    problems: tuple[Problem, ...]
    jobs: dict[str, int]  # event -> number of jobs
    files: tuple[str, ...]

    @property
    def failed(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def check(plans: Mapping[str, Plan]) -> LintReport:
    """Join the problems of several plans of one configuration.

    A job that no event starts gets a warning; so does an event that starts nothing though others do.
    """
    problems: dict[tuple[object, ...], Problem] = {}
    for event, plan in plans.items():
        for problem in plan.problems:
            key = (problem.code, problem.where, problem.keyword, problem.message.msgid)
            problems.setdefault(key, _named(problem, event, plans))
    for problem in _unreachable(plans):
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
