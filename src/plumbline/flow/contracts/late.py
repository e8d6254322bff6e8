"""Mark what came for a collection that was closed. It is kept as it is, named once, and rewrites nothing.

What is new follows from the ledger: from the entry after the last one that was dealt with. Everything may be done
twice: the same entry is marked by the same event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.contracts import slots
from plumbline.evidence import filed_under, write_event
from plumbline.evidence.vocabulary import own_gates as events
from plumbline.flow.contracts.gathered import pieces_of
from plumbline.model.contract import SlotState
from plumbline.model.moves import NO_MOVES
from plumbline.model.tree import NodeKind, is_within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.flow.contracts.tools import ContractTools
    from plumbline.model.contract import Collection, Evidence
    from plumbline.model.event import Entry, EventDraft
    from plumbline.model.moves import Moves
    from plumbline.model.ports.transaction import Transaction

_UPTO = "late-evidence"  # setting: number of the last entry that was dealt with
_AT_ONCE = 500  # entries
_CLOSED_LATELY = 200  # the newest collections of a project
_RUN = "run"  # the pipeline that a piece of evidence is of: another pipeline's is not late for this one
_COUNTS = frozenset({SlotState.FILLED, SlotState.FILLED_LATE})


class _Late(NamedTuple):
    collection: Collection
    slot: str
    piece: Evidence


def mark_late(tools: ContractTools) -> Iterator[None]:
    """Little at each step."""
    while True:
        with tools.units.store.view() as tx:
            upto, size = int(tx.settings.get(_UPTO) or 0), tx.ledger_size()
        if upto >= size:
            return
        entries = list(tools.ledger.read(upto + 1, _AT_ONCE))
        found = [(entry, piece) for entry in entries for piece in pieces_of(entry)]
        moves = tools.moves() if found else NO_MOVES
        with tools.units.store.change() as tx:
            if int(tx.settings.get(_UPTO) or 0) == upto:  # no other server did meanwhile
                late = [one for entry, piece in found for one in _late(tx, _projects(tx, moves, entry), piece)]
                if late:
                    tx.append([_told(tools, one) for one in late])
                tx.settings.put(_UPTO, str(entries[-1].seq).encode())
        yield


def _projects(tx: Transaction, moves: Moves, entry: Entry) -> list[int]:
    """Whom it is about: the project that it is filed under, or those below the node."""
    filed = filed_under(entry.body, entry.sender).scope
    node = tx.tree.at(moves.now(filed, entry.seq)) if filed else None
    if node is None or node.kind is NodeKind.PROJECT:
        return [node.id] if node is not None else []
    return [one.id for one in tx.tree.all() if one.kind is NodeKind.PROJECT and is_within(one.path, node.path)]


def _late(tx: Transaction, projects: Sequence[int], piece: Evidence) -> Iterator[_Late]:
    """The slots of closed collections that it would have filled."""
    run = dict(piece.about).get(_RUN, "")
    for one in tx.collections.of_projects(projects, _CLOSED_LATELY) if projects else ():
        if not one.closed or piece.seq <= one.last or (run and one.subjects.run and run != one.subjects.run):
            continue
        found = slots(
            one.due,
            one.subjects,
            [piece],
            closed=False,
            at=one.closed,
            deadline=piece.received,
            conditions={},
            waived={},
        )
        for slot in found:
            if slot.state in _COUNTS and piece.event in slot.evidence:
                yield _Late(one, slot.id, piece)


def _told(tools: ContractTools, late: _Late) -> EventDraft:
    """By names that are always the same: whoever marks it again says the same."""
    content = events.EvidenceLate(collection=late.collection.uid, slot=late.slot, evidence=late.piece.event)
    return write_event(
        content,
        id=f"{late.collection.uid}:late:{late.slot}:{late.piece.seq}",
        source=tools.units.source,
        subject=late.collection.uid,
        time=late.piece.received,
        project=late.collection.path,
    )
