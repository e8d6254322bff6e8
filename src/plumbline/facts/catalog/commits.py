"""Commits: the work items they name, and the way they come to the trunk."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import msgspec

from plumbline.facts.catalog._help import direct, elapsed, human, items_of, items_told, split, tickets, ties
from plumbline.facts.catalog._pushes import pushes
from plumbline.facts.definition import Definition, count, lacking, sample, share
from plumbline.kernel import t
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from collections.abc import Collection

    from plumbline.facts.definition import Question
    from plumbline.facts.evidence import Evidence
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Commit


def _own(question: Question) -> tuple[list[Commit], dict[str, int]]:
    """Commits of people inside the window whose message somebody read, and why the others are left out."""
    kept: list[Commit] = []
    excluded = {"merges": 0, "bots": 0, "message_not_read": 0}
    for one in question.evidence.commits.values():
        if not question.inside(one.committed):
            continue
        if len(one.parents) > 1:
            excluded["merges"] += 1
        elif one.bot or not human(one.author or "unnamed"):
            excluded["bots"] += 1
        elif not one.told:
            excluded["message_not_read"] += 1
        else:
            kept.append(one)
    return kept, excluded


def linked(question: Question) -> Fact:
    if not items_told(question):
        return lacking(question, Lack.NO_SOURCE)
    named = question.evidence.with_items
    commits, excluded = _own(question)
    good, bad = split((one.sha in named, one.cited) for one in commits)
    return _by_commit(question, good, bad, excluded)


def linked_to_valid(question: Question) -> Fact:
    tied, known = ties(question.evidence), tickets(question.evidence)
    commits, excluded = _own(question)
    good, bad = split((bool(items_of(one, tied, known) & known), one.cited) for one in commits)
    return _by_commit(question, good, bad, excluded)


def _by_commit(question: Question, good: list[Cited], bad: list[Cited], excluded: dict[str, int]) -> Fact:
    return share(question, good, bad, {reason: number for reason, number in excluded.items() if number})


def direct_without_item(question: Question) -> Fact:
    """What a history shows was not brought by a merge that it knows of: only who tells that the trunk is protected, and
    of merge requests, can say that it was pushed past them. Else it says how many there are, and no more. No answer
    where nobody read the message of one that could be the only one."""
    evidence = question.evidence
    guarded = _guarded(evidence)
    bare, without = _without_item(question, guarded)
    elsewhere = {one.sha: one for one in _without_item(question, None)[1]}.keys() - {one.sha for one in without}
    if not guarded or (elsewhere and not without):
        counted = {"not_known_to_be_pushes": len(elsewhere)} if elsewhere else {}
        return msgspec.structs.replace(lacking(question, Lack.NO_SOURCE), excluded=counted)
    if not items_told(question):
        return lacking(question, Lack.NO_SOURCE)
    observed = [one for one in evidence.commits.values() if question.inside(one.committed)]
    if not observed or (not without and bare):
        return lacking(question, Lack.TOO_FEW)
    return count(question, [one.cited for one in without], [one.cited for one in observed])


def _without_item(question: Question, projects: Collection[str] | None) -> tuple[list[Commit], list[Commit]]:
    """Those that name none, and of them those whose message somebody read."""
    tied, known = ties(question.evidence), tickets(question.evidence)
    bare = [one for one in direct(question, projects) if not items_of(one, tied, known)]
    return bare, [one for one in bare if one.told]


def _guarded(evidence: Evidence) -> set[str]:
    """Projects whose forge says that it protects the trunk, and tells of the merge requests that come into it."""
    told = {one.project for one in evidence.merges if one.told_by_forge}
    newest = {one.object: one for one in evidence.of("branchProtection.observed")}
    found = set()
    for one in newest.values():
        project = str(one.custom.get("project", ""))
        trunk = evidence.trunk(project)
        named = any(fnmatchcase(name, one.subject) for name in (trunk, f"refs/heads/{trunk}"))
        if trunk and named and one.content.get("protected") and project in told:
            found.add(project)
    return found


def link_delay(question: Question) -> Fact:
    """From the first push that brought a commit to the first link that ties it to something; of one of which no push
    told, from when it was told of first."""
    tied, pushed = ties(question.evidence), {one.cited for one in pushes(question)}
    told: dict[str, tuple[bool, int]] = {}
    for one in question.evidence.of("commit.observed"):
        for said in one.content.get("commits", ()) if question.inside(one.time) else ():
            sha, found = str(said.get("sha")), (one.cited not in pushed, one.time)
            told[sha] = min(told.get(sha, found), found)
    values: list[tuple[float, Cited]] = []
    skewed = 0
    for sha, (_, begin) in told.items():
        if sha in tied:
            time, cited = min(tied[sha].values())
            delay = elapsed(begin, time)
            if delay is None:
                skewed += 1
            else:
                values.append((delay, cited))
    return sample(question, values, {"clock_skew": skewed} if skewed else None)


def links_by_system(question: Question) -> Fact:
    """A link in a message is read by the system; one that was asserted is by hand where it names a person."""
    evidence = question.evidence
    known = tickets(evidence)
    commits, _ = _own(question)
    found = [(True, one.cited) for one in commits for _ in one.work_items]
    changes = evidence.commits.keys() | {merge.change for merge in evidence.merges}
    for one in evidence.within("link.asserted", question.inside):
        ends = {one.subject, str((one.content.get("target") or {}).get("id", ""))}
        if ends & known and ends & changes:
            found.append((not one.content.get("person"), one.cited))
    return share(question, *split(found))


_COMMITS = ("commit.observed",)
PART = (
    Definition(
        name="commits-linked-to-a-work-item",
        how=t(
            "Commits with a work item that their message, their merge or a link names, of those whose message was "
            "read; merges and bots are left out. Without a work item system, where fewer than one in five names one, "
            "nobody can tell."
        ),
        needs=_COMMITS,
        answer=linked,
    ),
    Definition(
        name="commits-linked-to-a-valid-work-item",
        how=t(
            "Commits tied to a work item that the work item system told of, of the commits whose message was read; "
            "merges and commits of bots are left out."
        ),
        needs=_COMMITS,
        also=(("ticket.created", "ticket.updated", "ticket.closed"),),
        answer=linked_to_valid,
    ),
    Definition(
        name="direct-pushes-to-protected-branches-without-a-work-item",
        how=t(
            "Commits on the trunk that no merge brought and that name no work item, where a forge says that it "
            "protects the trunk and tells of its merge requests: git knows neither."
        ),
        needs=_COMMITS,
        also=(("repository.observed",),),
        answer=direct_without_item,
    ),
    Definition(
        name="delay-from-push-to-visible-link-95th-percentile",
        how=t(
            "From the first push that brought a commit, or where no push told of it from when it was told of first, to "
            "the first link that was asserted about it."
        ),
        needs=("link.asserted",),
        also=(_COMMITS,),
        answer=link_delay,
    ),
    Definition(
        name="work-item-links-made-by-the-system-on-commit-or-merge",
        how=t(
            "Links between a work item and a commit or merge that were read from a message or asserted without a "
            "person, of all such links."
        ),
        needs=_COMMITS,
        also=(("ticket.created", "ticket.updated", "ticket.closed"),),
        answer=links_by_system,
    ),
)
