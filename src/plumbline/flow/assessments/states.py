"""States of a repository in the ledger: what is seen again after it was otherwise is told again.

An observation is made of the repository alone, so the same state gives the same event, with the time of its newest
commit. In a ledger a state follows another one. Where its own time does not say so (it returned, or something went
without a commit), it is an entry of the moment in which it was seen, and its id names the entry that it follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.evidence import read_event, timestamp, write_event
from plumbline.evidence.vocabulary import Reference, cdevents_core
from plumbline.evidence.vocabulary import own_observation as own
from plumbline.flow.assessments.repository_names import clean, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plumbline.model.event import EventDraft
    from plumbline.model.ports.ledger import Ledger
    from plumbline.observation import ObservedHistory

_BRANCHES = (own.BranchObserved.TYPE, cdevents_core.BranchDeleted.TYPE)
_STATES = (own.RepositoryObserved.TYPE, own.TreeInspected.TYPE, *_BRANCHES)


class _State(NamedTuple):
    id: str
    seq: int
    time: int
    gone: bool


class States:
    """The newest state of everything that one repository has in a ledger."""

    def __init__(self, ledger: Ledger, project: str, source: str) -> None:
        self._ledger = ledger
        self._project = project
        self._source = source
        self._newest: dict[str, _State] = {}
        for entry in ledger.of_types(_STATES):
            if entry.source == self._source:
                gone = entry.type == cdevents_core.BranchDeleted.TYPE
                time = read_event(entry.body).time or 0
                self._newest[_what(entry.type, entry.subject)] = _State(entry.id, entry.seq, time, gone)

    def following(self, drafts: Iterable[EventDraft], now: int) -> Iterator[EventDraft]:
        """The drafts, those that return as entries of this moment. ``now``: microseconds since the epoch."""
        for draft in drafts:
            newest = self._newest.get(_what(draft.type, draft.subject)) if draft.type in _STATES else None
            if newest is None or newest.id == draft.id:
                yield draft
            elif not newest.id.startswith(f"{draft.id}@"):
                returned = self._ledger.find(self._source, draft.id) is not None
                yield _moved(draft, newest.seq, now) if returned or _time_of(draft) <= newest.time else draft

    def deleted(self, history: ObservedHistory, now: int) -> Iterator[EventDraft]:
        """Of branches that were seen before and are gone."""
        if not history.heads:
            return  # a checkout of one commit tells nothing of branches
        there = {short(name) for name in history.heads}
        for what, state in sorted(self._newest.items()):
            kind, _, name = what.partition(" ")
            if kind == "branch" and not state.gone and name not in there:
                yield write_event(
                    cdevents_core.BranchDeleted(repository=Reference(id=clean(self._project))),
                    id=f"branch-deleted:{state.seq}:{name}",
                    source=self._source,
                    subject=name,
                    time=now,
                    project=clean(self._project),
                )


def _what(type_: str, subject: str) -> str:
    """A repository has one tree and one list of heads, and many branches."""
    return f"branch {subject}" if type_ in _BRANCHES else type_


def _time_of(draft: EventDraft) -> int:
    return read_event(draft.body).time or 0


def _moved(draft: EventDraft, after: int, now: int) -> EventDraft:
    event = msgspec.json.decode(draft.body)
    name = f"{draft.id}@{after}"
    event["context"] |= {"id": name, "timestamp": timestamp(now)}
    return msgspec.structs.replace(draft, id=name, body=msgspec.json.encode(event))
