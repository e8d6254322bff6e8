"""Builds: whole pipeline runs. A child is part of the run that triggered it; what was cancelled says nothing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import began, bump, day_of, human, last, split, whole_runs, working_days
from plumbline.facts.catalog._kinds import AUTOMATIC, SCHEDULE
from plumbline.facts.definition import Definition, count, lacking, ratio, share
from plumbline.kernel import t
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Run


def _begun(question: Question) -> list[Run]:
    return [one for one in question.evidence.runs if question.inside(began(one)) and not one.child]


def success(question: Question) -> Fact:
    excluded: dict[str, int] = {}
    found: list[tuple[bool, Cited]] = []
    for one in whole_runs(question):
        if one.trigger not in AUTOMATIC:
            bump(excluded, "not_automatic")
        elif not one.conclusive:
            bump(excluded, "cancelled")
        else:
            found.append((one.outcome == "success", last(one.cited)))
    return share(question, *split(found), excluded)


def _on(days: Collection[date], runs: Iterable[Run]) -> list[Run]:
    """Those that began on one of these days: a day is counted above the line and below it, or nowhere."""
    return [one for one in runs if day_of(began(one) or 0) in days]


def per_working_day(question: Question) -> Fact:
    days, begun = working_days(question.window), _begun(question)
    if not begun:
        return lacking(question, Lack.TOO_FEW)
    found = [one.cited[0] for one in _on(days, begun)]
    return ratio(question, len(found), len(days), found or [one.cited[0] for one in begun])


def any_build_days(question: Question) -> Fact:
    begun = _begun(question)
    return _days(question, begun, begun)


def scheduled_trunk_days(question: Question) -> Fact:
    begun = _begun(question)
    if begun and not any(question.evidence.trunk(one.project) for one in begun):
        return lacking(question, Lack.NO_SOURCE)
    runs = [one for one in begun if one.trigger == SCHEDULE and question.evidence.on_trunk(one)]
    return _days(question, runs, begun)


def _days(question: Question, runs: list[Run], among: list[Run]) -> Fact:
    """Of all working days in the window, those with such a run; with none of any kind, nobody told anything."""
    if not among:
        return lacking(question, Lack.TOO_FEW)
    days = working_days(question.window)
    on = {day_of(began(one) or 0): one.cited[0] for one in _on(days, runs)}
    hit = [on[day] for day in sorted(on)]
    return ratio(question, len(hit), len(days), hit or [one.cited[0] for one in among])


def scheduled_branches(question: Question) -> Fact:
    days = working_days(question.window)
    runs = [one for one in _begun(question) if one.ref]
    if not days or not runs:
        return lacking(question, Lack.TOO_FEW)
    of = Counter(one.ref for one in _on(days, runs) if one.trigger == SCHEDULE)
    often = {ref for ref, number in of.items() if number / len(days) >= 2}
    newest = {one.ref: one.cited[0] for one in runs if one.trigger == SCHEDULE and one.ref in often}
    return count(question, list(newest.values()), [one.cited[0] for one in runs])


def starters(question: Question) -> Fact:
    """No answer where not one name agrees: the two systems then call people by different names."""
    evidence = question.evidence
    developers: dict[str, Cited] = {}
    for commit in evidence.commits.values():
        if question.inside(commit.committed) and not commit.bot and human(commit.author):
            developers.setdefault(commit.author.casefold(), commit.cited)
    begun = {one.person.casefold() for one in _begun(question) if one.person and one.trigger != SCHEDULE}
    if not begun & developers.keys():
        return lacking(question, Lack.TOO_FEW)
    return share(question, *split((name in begun, cited) for name, cited in developers.items()))


def failed_with_cause(question: Question) -> Fact:
    found: list[tuple[bool, Cited]] = []
    for one in whole_runs(question):
        if one.outcome in ("failure", "error"):
            bad = [task for task in one.tasks if task.outcome in ("failure", "error") and not task.allowed_failure]
            found.append((any(task.reason for task in bad), last(one.cited)))
    return share(question, *split(found))


_RUNS = ("pipelinerun.queued", "pipelinerun.started", "pipelinerun.finished")
_COMMITS = ("commit.observed",)
PART = (
    Definition(
        name="automatic-build-success-published-bank-result",
        how=t(
            "Runs started by a push, a merge request or a schedule that succeeded, of those that succeeded or failed; "
            "canceled runs are in neither."
        ),
        needs=("pipelinerun.finished",),
        answer=success,
    ),
    Definition(
        name="builds-per-working-day-and-application",
        how=t(
            "Runs begun on working days (Mondays to Fridays, UTC) of the window, by working day; child runs do not "
            "count."
        ),
        needs=_RUNS,
        answer=per_working_day,
    ),
    Definition(
        name="working-days-with-any-build",
        how=t("Working days (Mondays to Fridays, UTC) of the window on which a run began, of all of them."),
        needs=_RUNS,
        answer=any_build_days,
    ),
    Definition(
        name="working-days-with-a-scheduled-build-of-the-trunk",
        how=t("Working days (Mondays to Fridays, UTC) on which a schedule began a run of the trunk, of all of them."),
        needs=_RUNS,
        answer=scheduled_trunk_days,
    ),
    Definition(
        name="branches-with-two-or-more-scheduled-builds-per-working-day",
        how=t(
            "Branches whose scheduled runs on working days of the window are two or more by working day, on average."
        ),
        needs=_RUNS,
        answer=scheduled_branches,
    ),
    Definition(
        name="active-developers-who-started-a-build-themselves",
        how=t(
            "People who wrote a commit and by whose doing a run began, of all who wrote one; people are compared by "
            "the names on record, and where none agrees there is no answer."
        ),
        needs=_RUNS,
        also=(_COMMITS,),
        answer=starters,
    ),
    Definition(
        name="failed-builds-with-a-cause-class",
        how=t("Failed runs of which a job that had to succeed failed with a recorded class of reason."),
        needs=("pipelinerun.finished",),
        answer=failed_with_cause,
    ),
)
