"""Builds: whole pipeline runs. A child is part of the run that triggered it; what was cancelled says nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import (
    began,
    bump,
    day_of,
    elapsed,
    human,
    last,
    split,
    whole_runs,
    working_days,
)
from plumbline.facts.catalog._kinds import AUTOMATIC, SCHEDULE
from plumbline.facts.definition import Definition, count, lacking, rate, ratio, sample, share
from plumbline.kernel import t
from plumbline.model import Lack

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.facts.derived import Run
    from plumbline.facts.evidence import Seen
    from plumbline.model import Cited, Fact


def _begun(question: Question) -> list[Run]:
    return [one for one in question.evidence.runs if question.inside(began(one)) and not one.parent]


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


def per_working_day(question: Question) -> Fact:
    begun = _begun(question)
    if not begun:
        return lacking(question, Lack.TOO_FEW)
    return rate(question, [one.cited[0] for one in begun], float(len(working_days(question.window))))


def any_build_days(question: Question) -> Fact:
    return _days(question, _begun(question))


def scheduled_trunk_days(question: Question) -> Fact:
    trunk = question.evidence.trunk
    if not trunk:
        return lacking(question, Lack.NO_SOURCE)
    named = (trunk, f"refs/heads/{trunk}")
    return _days(question, [one for one in _begun(question) if one.trigger == SCHEDULE and one.ref in named])


def _days(question: Question, runs: list[Run]) -> Fact:
    """Of all working days in the window, those with such a run."""
    days = working_days(question.window)
    on = {day_of(began(one) or 0): one.cited[0] for one in runs}
    hit = [on[day] for day in days if day in on]
    return ratio(question, len(hit), len(days), hit)


def scheduled_branches(question: Question) -> Fact:
    days = len(working_days(question.window))
    runs = [one for one in _begun(question) if one.ref]
    if not days or not runs:
        return lacking(question, Lack.TOO_FEW)
    of = Counter(one.ref for one in runs if one.trigger == SCHEDULE)
    often = {ref for ref, number in of.items() if number / days >= 2}
    newest = {one.ref: one.cited[0] for one in runs if one.trigger == SCHEDULE and one.ref in often}
    return count(question, list(newest.values()))


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


def to_result(question: Question) -> Fact:
    return _results(question, ("success", "failure", "error"))


def to_failure(question: Question) -> Fact:
    return _results(question, ("failure", "error"))


def _results(question: Question, outcomes: tuple[str, ...]) -> Fact:
    """From a commit to the end of its first conclusive run."""
    evidence = question.evidence
    first: dict[str, Run] = {}
    for one in sorted(evidence.runs, key=lambda one: one.finished or 0):
        if one.conclusive and not one.parent and one.commit and one.trigger != SCHEDULE:
            first.setdefault(one.commit, one)
    values: list[tuple[float, Cited]] = []
    excluded: dict[str, int] = {}
    for sha, run in first.items():
        if run.outcome not in outcomes or not question.inside(run.finished):
            continue
        commit = evidence.commits.get(sha)
        if commit is None:
            bump(excluded, "commit_unknown")
        elif (wait := elapsed(commit.committed, run.finished or 0)) is None:
            bump(excluded, "clock_skew")
        else:
            values.append((wait, last(run.cited)))
    return sample(question, values, excluded)


def _pushes(question: Question) -> list[Seen]:
    """Commits as a push told of them; a history that was read tells what is in each as well."""
    return [
        one
        for one in question.evidence.within("commit.observed", question.inside)
        if str(one.content.get("ref", "")).startswith("refs/heads/")
        and not any("files" in said or "kinds" in said for said in one.content.get("commits", ()))
    ]


def pushes_built(question: Question) -> Fact:
    built = _built(question)
    return share(question, *split((one.subject in built, one.cited) for one in _pushes(question)))


def pushes_and_merges_built(question: Question) -> Fact:
    built = _built(question)
    found = [(one.subject in built, one.cited) for one in _pushes(question)]
    for merge in question.evidence.merges:
        if question.inside(merge.merged) and merge.merged_as:
            found.append((merge.merged_as in built, merge.cited))
    return share(question, *split(found))


def _built(question: Question) -> set[str]:
    return {one.commit for one in question.evidence.runs if one.commit and one.trigger in AUTOMATIC}


def failed_with_cause(question: Question) -> Fact:
    found: list[tuple[bool, Cited]] = []
    for one in whole_runs(question):
        if one.outcome in ("failure", "error"):
            bad = [task for task in one.tasks if task.outcome in ("failure", "error") and not task.allowed_failure]
            found.append((any(task.reason for task in bad), last(one.cited)))
    return share(question, *split(found))


def recorded(question: Question) -> Fact:
    """The definition is read from the commit: project and commit name both."""
    return share(question, *split((bool(one.project and one.commit), last(one.cited)) for one in whole_runs(question)))


def known_revision(question: Question) -> Fact:
    evidence = question.evidence
    found = [(one.commit in evidence.commits, last(one.cited)) for one in whole_runs(question)]
    for deployment in evidence.deployments:
        if question.inside(deployment.finished):
            found.append((deployment.commit in evidence.commits, last(deployment.cited)))
    return share(question, *split(found))


def loaded_definitions(question: Question) -> Fact:
    """A deployment's definition is that of its run."""
    evidence = question.evidence
    from_repository = {one.id for one in evidence.runs if one.project and one.commit}
    found = [(one.id in from_repository, last(one.cited)) for one in whole_runs(question)]
    for deployment in evidence.deployments:
        if question.inside(deployment.finished):
            found.append((deployment.run in from_repository, last(deployment.cited)))
    return share(question, *split(found))


def with_pipeline(question: Question) -> Fact:
    """Repositories are told apart by the source that tells of their commits and its name for them."""
    evidence = question.evidence
    shas: dict[str, set[str]] = defaultdict(set)
    cited: dict[str, Cited] = {}
    for one in evidence.of("commit.observed"):
        name = str((one.content.get("repository") or {}).get("id", ""))
        shas[name] |= {str(said.get("sha")) for said in one.content.get("commits", ())}
        cited[name] = one.cited
    ran = {one.commit for one in evidence.runs}
    return share(question, *split((bool(shas[name] & ran), cited[name]) for name in sorted(shas)))


_RUNS = ("pipelinerun.queued", "pipelinerun.started", "pipelinerun.finished")
_COMMITS = ("commit.observed",)
PART = (
    Definition(
        name="automatic-build-success-published-bank-result",
        how=t(
            "Runs started by a push, a merge request or a schedule that succeeded, of those that succeeded or failed; "
            "cancelled runs are in neither."
        ),
        needs=("pipelinerun.finished",),
        answer=success,
    ),
    Definition(
        name="builds-per-working-day-and-application",
        how=t("Runs begun in the window by working day (Mondays to Fridays, UTC); child runs do not count."),
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
        how=t("Branches whose scheduled runs in the window are two or more by working day, on average."),
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
        name="commit-to-build-result-median",
        how=t("From a commit to the end of its first run that succeeded or failed; scheduled runs are left out."),
        needs=("pipelinerun.finished",),
        also=(_COMMITS,),
        answer=to_result,
    ),
    Definition(
        name="commit-to-failed-result-median",
        how=t("From a commit to the end of its first run, where that failed; scheduled runs are left out."),
        needs=("pipelinerun.finished",),
        also=(_COMMITS,),
        answer=to_failure,
    ),
    Definition(
        name="pushes-that-started-a-build",
        how=t("Pushes to branches whose newest commit got a run by itself, of all pushes that were told."),
        needs=_COMMITS,
        also=(_RUNS,),
        answer=pushes_built,
    ),
    Definition(
        name="pushes-and-merges-that-started-a-build",
        how=t("Pushes to branches and merges whose newest commit got a run by itself, of all that were told."),
        needs=_COMMITS,
        also=(_RUNS,),
        answer=pushes_and_merges_built,
    ),
    Definition(
        name="failed-builds-with-a-cause-class",
        how=t("Failed runs of which a job that had to succeed failed with a recorded class of reason."),
        needs=("pipelinerun.finished",),
        answer=failed_with_cause,
    ),
    Definition(
        name="build-runs-whose-script-and-source-revision-are-recorded",
        how=t("Runs with a recorded repository and commit, of all that ended; the definition is read from the commit."),
        needs=("pipelinerun.finished",),
        answer=recorded,
    ),
    Definition(
        name="pipeline-runs-that-check-out-from-a-registered-repository",
        how=t("Runs with a recorded repository and commit, of all that ended."),
        needs=("pipelinerun.finished",),
        answer=recorded,
    ),
    Definition(
        name="pipeline-and-deployment-definitions-loaded-from-a-repository",
        how=t(
            "Runs with a recorded repository and commit, and deployments made by such a run, of all runs and "
            "deployments that ended."
        ),
        needs=("pipelinerun.finished", "deployment.finished"),
        answer=loaded_definitions,
    ),
    Definition(
        name="pipeline-runs-and-deployments-whose-revision-is-in-the",
        how=t("Runs and deployments whose commit a repository told of, of all that ended."),
        needs=("pipelinerun.finished", "deployment.finished"),
        also=(_COMMITS,),
        answer=known_revision,
    ),
    Definition(
        name="repositories-of-the-product-with-a-pipeline",
        how=t("Repositories that commits were told of, and of which a commit got a run, of all of them."),
        needs=_COMMITS,
        answer=with_pipeline,
    ),
    Definition(
        name="repositories-of-the-product-with-a-pipeline-on-the-common",
        how=t(
            "Repositories that commits were told of, and of which a commit got a run on record here, of all of them."
        ),
        needs=_COMMITS,
        answer=with_pipeline,
    ),
)
