"""The change as git and its forge tell it: asked outside every transaction, since git may take its time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from plumbline.evidence.origin import forge_of
from plumbline.evidence.vocabulary import cdevents_core as core
from plumbline.evidence.vocabulary import own_gates
from plumbline.evidence.vocabulary import own_platform as own
from plumbline.facts import People
from plumbline.kernel import legible
from plumbline.model.event import EntryFilter
from plumbline.trace import Who, account, named, read_seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.contract import Subjects
    from plumbline.model.history import Brought, RawCommit
    from plumbline.model.ports.ledger import Ledger
    from plumbline.trace import Seen

MOST_REVIEWS = 500  # of one merge request that are looked at
_DECISIONS = ("approved", "requestChanges", "rejected", "withdrawn")
_TRAILER = re.compile(r"^(co-authored-by|co-developed-by|assisted-by):[ \t]*(\S.*?)[ \t]*$", re.I | re.M)


class Approval(NamedTuple):
    """``by_other`` None: nobody can tell whether they wrote a part of it."""

    name: str
    by_other: bool | None
    event: str


class Written(NamedTuple):
    """``authors`` None: the repository does not say. ``approvals`` None: no forge tells of the change."""

    authors: tuple[str, ...] | None
    paths: tuple[str, ...] | None
    lines: int | None
    agents: tuple[str, ...] | None  # of trailers
    sessions: tuple[str, ...]  # ids of events of agents that told of its commits
    approvals: tuple[Approval, ...] | None
    target: str  # that the forge told last; empty: it told none
    told: tuple[str, ...]  # ids of the forge's events about the change


def written(
    ledger: Ledger, path: str, project: int, subjects: Subjects, brought: Brought | None, lines: int | None
) -> Written:
    """``path``, ``project``: of the project; ``lines``: that the change touches, where somebody counted."""
    people = People(_seen(ledger.of_types((own.IdentityLinked.TYPE, own.IdentityUnlinked.TYPE))))
    whole = brought is not None and not brought.more
    commits = brought.commits if brought is not None and whole else None
    writers = _writers(commits) if commits is not None else None
    told = _told(ledger, path, project, subjects.change) if subjects.change else []
    reviews = [one for one in told if one.what == "change.reviewed"]
    return Written(
        authors=tuple(dict.fromkeys(_name(people, one) for one in writers)) if writers is not None else None,
        paths=tuple(map(legible, brought.paths)) if brought is not None else None,
        lines=lines,
        agents=tuple(_agents(commits)) if commits is not None else None,
        sessions=_sessions(ledger, commits or ()),
        approvals=_approvals(people, told, reviews, writers, subjects.commit) if told else None,
        target=next((str(one.custom["target"]) for one in reversed(told) if one.custom.get("target")), ""),
        told=tuple(one.cited.id for one in told if one.what != "change.reviewed"),
    )


def _told(ledger: Ledger, path: str, project: int, number: str) -> list[Seen]:
    """What its forge told of a merge request, in order of time."""
    found = []
    for kind in (core.ChangeCreated.TYPE, core.ChangeUpdated.TYPE, core.ChangeReviewed.TYPE):
        wanted = EntryFilter(kind=kind, subject=number, scope=path)
        for one in _seen(ledger.look(wanted, MOST_REVIEWS).entries):
            word = forge_of(one.cited.source)
            if word is not None and word.project == project:
                found.append(one)
    return sorted(found, key=lambda one: (one.time, one.received))


def _seen(entries: object) -> list[Seen]:
    read = (read_seen(one.body, one.sender, one.received) for one in entries)  # type: ignore[attr-defined]
    return [one for one in read if one is not None and one.own]


def _writers(commits: Sequence[RawCommit]) -> list[Who]:
    found: dict[Who, None] = {}
    for one in commits:
        if len(one.parents) < 2 or len(commits) == 1:
            found[Who(name=one.author, email=one.mail, git=True)] = None
        for key, value in _TRAILER.findall(one.message):
            if key.lower() != "assisted-by":
                found[named(value)] = None
    return list(found)


def _agents(commits: Sequence[RawCommit]) -> list[str]:
    return [value for one in commits for key, value in _TRAILER.findall(one.message) if key.lower() == "assisted-by"]


def _sessions(ledger: Ledger, commits: Sequence[RawCommit]) -> tuple[str, ...]:
    wanted = {one.sha for one in commits}
    if not wanted:
        return ()
    suffix = own_gates.AgentSessionEnded.TYPE.rpartition("plumbline-")[2]
    types = [one for one in ledger.types() if one.endswith(suffix)]
    found = []
    for entry in ledger.of_types(types) if types else ():
        one = read_seen(entry.body, entry.sender, entry.received)
        if one is not None and one.word and one.what == "agentSession.ended":
            named_there = one.content.get("commits")
            if isinstance(named_there, list) and wanted.intersection(map(str, named_there)):
                found.append(one.cited.id)
    return tuple(found)


def _approvals(
    people: People, told: Sequence[Seen], reviews: Sequence[Seen], writers: Sequence[Who] | None, head: str
) -> tuple[Approval, ...]:
    """Of the newest revision; a person's newest decision counts."""
    openers = {account(one, "author") for one in told if one.what == "change.created"}
    wrote = None if writers is None else [*writers, *(one for one in openers if one.known)]
    newest: list[tuple[Who, Seen]] = []
    for one in reviews:
        if one.custom.get("decision") in _DECISIONS:
            who = account(one, "account", str(one.custom.get("reviewer", "")))
            keys = people.keys(who)
            newest = [*((other, seen) for other, seen in newest if keys.isdisjoint(people.keys(other))), (who, one)]
    return tuple(
        Approval(_name(people, who), _by_other(people, who, wrote), one.cited.id)
        for who, one in newest
        if one.custom.get("decision") == "approved" and one.custom.get("revision") == head
    )


def _by_other(people: People, who: Who, wrote: Sequence[Who] | None) -> bool | None:
    human = people.human(who)
    same = [people.same(who, one) for one in wrote or ()]
    if human is False or True in same:
        return False
    return None if human is None or None in same or not same else True


def _name(people: People, who: Who) -> str:
    if person := people.person(who):
        return person
    return who.login or (f"{who.name} <{who.email}>" if who.email else who.name)
