"""Pushes: whether each is built, and how soon its author knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import bump, elapsed, last, split
from plumbline.facts.catalog._kinds import AUTOMATIC, SCHEDULE
from plumbline.facts.catalog._pushes import pushes
from plumbline.facts.definition import Definition, sample, share
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Run


def to_result(question: Question) -> Fact:
    return _results(question, ("success", "failure", "error"))


def to_failure(question: Question) -> Fact:
    return _results(question, ("failure", "error"))


def _results(question: Question, outcomes: tuple[str, ...]) -> Fact:
    """From a commit to the end of its first conclusive run."""
    evidence = question.evidence
    first: dict[str, Run] = {}
    for one in sorted(evidence.runs, key=lambda one: one.finished or 0):
        if one.conclusive and not one.child and one.commit and one.trigger != SCHEDULE:
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


def pushes_built(question: Question) -> Fact:
    built = _built(question)
    return share(question, *split((one.subject in built, one.cited) for one in pushes(question)))


def pushes_and_merges_built(question: Question) -> Fact:
    built = _built(question)
    found = [(one.subject in built, one.cited) for one in pushes(question)]
    for merge in question.evidence.merges:
        if question.inside(merge.merged) and merge.merged_as:
            found.append((merge.merged_as in built, merge.cited))
    return share(question, *split(found))


def _built(question: Question) -> set[str]:
    return {one.commit for one in question.evidence.runs if one.commit and one.trigger in AUTOMATIC}


_RUNS = ("pipelinerun.queued", "pipelinerun.started", "pipelinerun.finished")
_COMMITS = ("commit.observed",)
PART = (
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
)
