"""Work items that were withdrawn, and what became of their code."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from plumbline.facts.catalog._help import DAY, items_of, split, tickets, ties
from plumbline.facts.catalog._kinds import WITHDRAWN
from plumbline.facts.definition import Definition, count, lacking, sample, share
from plumbline.facts.people import machine
from plumbline.kernel import t
from plumbline.model.fact import Lack
from plumbline.trace import SECOND, author

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.facts.evidence import Evidence
    from plumbline.model.fact import Cited, Fact


class Withdrawn(msgspec.Struct, frozen=True, kw_only=True):
    time: int
    code: bool  # commits name it
    reverted: int | None  # when the last of them was taken back; None: some were not
    last: str | None  # the commit that did so
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
        last = None if left else max(time for time in times if time is not None)
        found.append(
            Withdrawn(
                time=one.time,
                code=bool(times),
                reverted=last[0] if last else None,
                last=last[1] if last else None,
                cited=one.cited,
            )
        )
    return [one for one in found if question.inside(one.time)]


def _taking_back(evidence: Evidence) -> set[str]:
    """Reverts, and merges that brought nothing else: their messages name the item whose code they take back."""
    found = {sha for sha, commit in evidence.commits.items() if commit.reverts}
    return found | {one.merged_as for one in evidence.merges if one.commits and found.issuperset(one.commits)}


def _undone(evidence: Evidence) -> dict[str, tuple[int, str]]:
    """When each commit was taken back, by itself or with the merge that brought it, and by which commit."""
    found: dict[str, tuple[int, str]] = {}
    brought = {merge.merged_as: merge.commits for merge in evidence.merges if merge.merged_as}
    for commit in evidence.commits.values():
        for sha in commit.reverts:
            for one in (sha, *brought.get(sha, ())):
                by = (commit.committed, commit.sha)
                found[one] = min(found.get(one, by), by)
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


def made_by_service(question: Question) -> Fact:
    """Of commits that take back one of a withdrawn item, those that a machine made and that name the item."""
    evidence = question.evidence
    withdrawn = {
        one.subject
        for one in evidence.of("ticket.closed")
        if str(one.content.get("resolution", "")).lower() in WITHDRAWN
    }
    tied, known = ties(evidence), tickets(evidence)
    brought = {merge.merged_as: merge.commits for merge in evidence.merges if merge.merged_as}
    found = []
    for commit in evidence.commits.values():
        undone = {one for sha in commit.reverts for one in (sha, *brought.get(sha, ()))}
        items = {
            item for sha in undone & evidence.commits.keys() for item in items_of(evidence.commits[sha], tied, known)
        }
        if items & withdrawn and question.inside(commit.committed):
            by_itself = commit.bot or machine(author(commit))
            found.append((by_itself and bool(items & withdrawn & items_of(commit, tied, known)), commit.cited))
    return share(question, *split(found))


def clean_package(question: Question) -> Fact:
    """From the closing to the first package that was published of a commit which has the last revert in its past. One
    that is still to come counts with its time so far."""
    evidence = question.evidence
    made = sorted(
        (one.time, str(one.custom.get("commit", ""))) for one in evidence.of("artifact.packaged", "artifact.published")
    )
    values: list[tuple[float, Cited]] = []
    for one in _withdrawn(question):
        if one.code:
            last = None if one.last is None else next(
                (time for time, sha in made if time >= one.time and _has(evidence, sha, one.last)), None
            )  # fmt: skip
            values.append((((last or evidence.as_of) - one.time) / SECOND, one.cited))
    return sample(question, values)


def _has(evidence: Evidence, head: str, wanted: str) -> bool:
    """Whether a commit leads to another."""
    todo, seen = [head], set()
    while todo:
        sha = todo.pop()
        if sha == wanted:
            return True
        if sha not in seen and sha in evidence.commits:
            seen.add(sha)
            todo += evidence.commits[sha].parents
    return False


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
    Definition(
        name="reverts-started-from-the-work-item-and-made-by-a-service",
        how=t(
            "Commits of machines that take back commits of a withdrawn work item and name that, of all commits that "
            "take such back."
        ),
        needs=_CLOSED,
        also=_COMMITS,
        answer=made_by_service,
    ),
    Definition(
        name="time-from-withdrawal-to-a-clean-package-median",
        how=t(
            "From the closing of a work item as withdrawn to the first package of a commit after the last revert of "
            "its code; one that is still to come counts with its time so far."
        ),
        needs=_CLOSED,
        also=(*_COMMITS, ("artifact.packaged", "artifact.published")),
        answer=clean_package,
    ),
)
