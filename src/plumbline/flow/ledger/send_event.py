"""Take in an event that a person's program sends, with exactly its bytes. Nobody vouches for it: no fact rests on it.

A registered source is the door for evidence, see :mod:`plumbline.flow.sources`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.evidence import Sender, receive, sent_by
from plumbline.evidence.origin import check_origin
from plumbline.flow.sources.names import check_nobodys
from plumbline.flow.sources.pace import check_pace

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.sources.tools import SourceTools
    from plumbline.kernel import Text


class Sent(NamedTuple):
    seq: int
    known: bool  # it was there already
    notes: tuple[Text, ...]  # what was remarkable about it


def send_event(actor: Actor, tools: SourceTools, body: bytes) -> Sent:
    """Raises PlumblineError ``not-allowed``, ``event-reserved``, ``event-id-reused``, ``source-too-fast``, and as
    reading an event does."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.SEND_EVENT)
        check_pace(tools.pace, f"person/{actor.name}", len(body), unit.now)
        draft, view = receive(body, unit.now)
        check_origin(draft)
        check_nobodys(unit.tx.sources, draft.source)
    sender = Sender(
        person=actor.name, token=actor.token.id if actor.token else "", address=actor.address, door="http",
        delivery=f"sha256:{hashlib.sha256(body).hexdigest()}",
    )  # fmt: skip
    with tools.units.change(actor) as unit:
        unit.refresh()
        unit.require(use_cases.SEND_EVENT)
        known = bool(unit.tx.known([(draft.source, draft.id)]))
        [entry] = unit.tx.append([sent_by(draft, sender)])
    return Sent(entry.seq, known, view.notes)
