"""Take in an event of another tool, with exactly its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.evidence import receive
from plumbline.flow.ledger.checkpoints import check_origin

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.ledger.tools import LedgerTools
    from plumbline.kernel import Text


class Sent(NamedTuple):
    seq: int
    known: bool  # it was there already
    notes: tuple[Text, ...]  # what was remarkable about it


def send_event(actor: Actor, tools: LedgerTools, body: bytes) -> Sent:
    """Raises PlumblineError ``not-allowed``, ``event-reserved``, ``event-id-reused``, and as reading an event does."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.SEND_EVENT)
    draft, view = receive(body, unit.now)
    check_origin(draft)
    known = tools.ledger.find(draft.source, draft.id) is not None
    with tools.units.change(actor) as unit:
        unit.refresh()
        unit.require(use_cases.SEND_EVENT)
        unit.tx.record(draft)
    entry = tools.ledger.find(draft.source, draft.id)
    assert entry is not None
    return Sent(entry.seq, known, view.notes)
