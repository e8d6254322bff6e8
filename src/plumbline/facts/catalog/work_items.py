"""Work items that were withdrawn, and what became of their code."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from plumbline.facts.catalog._help import DAY, items_of, split, tickets, ties
from plumbline.facts.catalog._kinds import WITHDRAWN
from plumbline.facts.definition import Definition, count, lacking, share
from plumbline.kernel import t
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.facts.evidence import Evidence
    from plumbline.model.fact import Cited, Fact


class Withdrawn(msgspec.Struct, frozen=True, kw_only=True):
    time: int
    code: bool  # commits name it
    reverted: int | None  # when the last of them was taken back; None: some were not
    cited: Cited


def _withdrawn(question: Question) -> list[Withdrawn]:
    evidence = question.evidence
    closed = {
        one.subject: one
        for one in evidence.of("ticket.closed")
        if str(one.content.get("resolution", "")).lower() in WITHDRAWN
    }
    tied, known = ties(evidence), tickets(evidence)
    commits: dict[str, set[str]] = defaultdict(set)
    back = _taking_back(evidence)
    for commit in evidence.commits.values():
        for item in () if commit.sha in back else items_of(commit, tied, known):
            commits[item].add(commit.sha)
    undone = _undone(evidence)
    found = []
    for name, one in closed.items():
        times = [undone.get(sha) for sha in commits[name]]
        left = not times or None in times
        found.append(
            Withdrawn(
                time=one.time,
                code=bool(times),
                reverted=None if left else max(time or 0 for time in times),
                cited=one.cited,
            )
        )
    return [one for one in found if question.inside(one.time)]


def _taking_back(evidence: Evidence) -> set[str]:
    """Reverts, and merges that brought nothing else: their messages name the item whose code they take back."""
    found = {sha for sha, commit in evidence.commits.items() if commit.reverts}
    return found | {one.merged_as for one in evidence.merges if one.commits and found.issuperset(one.commits)}


def _undone(evidence: Evidence) -> dict[str, int]:
    """When each commit was taken back, by itself or with the merge that brought it."""
    found: dict[str, int] = {}
    brought = {merge.merged_as: merge.commits for merge in evidence.merges if merge.merged_as}
    for commit in evidence.commits.values():
        for sha in commit.reverts:
            for one in (sha, *brought.get(sha, ())):
                found[one] = min(found.get(one, commit.committed), commit.committed)
    return found


def with_revert(question: Question) -> Fact:
    found = [(one.reverted is not None, one.cited) for one in _withdrawn(question) if one.code]
    return share(question, *split(found))


def agreeing(question: Question) -> Fact:
    found = [
        (one.reverted is not None and one.reverted <= one.time + DAY, one.cited)
        for one in _withdrawn(question)
        if one.code
    ]
    return share(question, *split(found))


def code_stayed(question: Question) -> Fact:
    found = _withdrawn(question)
    if not found:
        return lacking(question, Lack.TOO_FEW)
    stayed = [one.cited for one in found if one.code and one.reverted is None]
    return count(question, stayed, [one.cited for one in found])


_CLOSED = ("ticket.closed",)
_COMMITS = (("commit.observed",),)
PART = (
    Definition(
        name="withdrawn-work-items-with-a-linked-revert",
        how=t("Work items closed as withdrawn whose every commit was taken back, of all withdrawn with commits."),
        needs=_CLOSED,
        also=_COMMITS,
        answer=with_revert,
    ),
    Definition(
        name="withdrawn-work-items-whose-state-and-code-agree-within-one-day",
        how=t(
            "Work items closed as withdrawn whose commits were taken back within a day, of all withdrawn with commits."
        ),
        needs=_CLOSED,
        also=_COMMITS,
        answer=agreeing,
    ),
    Definition(
        name="withdrawn-work-items-whose-code-stayed-in-the-release-line",
        how=t(
            "Work items closed as withdrawn with a commit that was not taken back; without any such there is no answer."
        ),
        needs=_CLOSED,
        also=_COMMITS,
        answer=code_stayed,
    ),
)
