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
    from collections.abc import Iterable, Iterator, Sequence

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
        found = [(entry, pieces) for entry in entries if (pieces := pieces_of(entry))]
        moves = tools.moves() if found else NO_MOVES
        with tools.units.store.change() as tx:
            if int(tx.settings.get(_UPTO) or 0) == upto:  # no other server did meanwhile
                late = list(_all_late(tx, moves, found))
                if late:
                    tx.append([_told(tools, one) for one in late])
                tx.settings.put(_UPTO, str(entries[-1].seq).encode())
        yield


def _all_late(tx: Transaction, moves: Moves, found: Iterable[tuple[Entry, Sequence[Evidence]]]) -> Iterator[_Late]:
    """What is closed is read once for each place: a run tells many entries about the same one."""
    closed: dict[str, Sequence[Collection]] = {}
    for entry, pieces in found:
        filed = filed_under(entry.body, entry.sender).scope
        path = moves.now(filed, entry.seq) if filed else ""
        if path not in closed:
            closed[path] = _closed(tx, path)
        for piece in pieces:
            yield from _late(closed[path], piece)


def _closed(tx: Transaction, path: str) -> Sequence[Collection]:
    """The newest of the project that an entry is filed under, or of those below the node, as far as they are closed."""
    node = tx.tree.at(path) if path else None
    if node is None:
        return ()
    projects = [node.id]
    if node.kind is not NodeKind.PROJECT:
        every = tx.tree.all()
        projects = [one.id for one in every if one.kind is NodeKind.PROJECT and is_within(one.path, node.path)]
    return [one for one in tx.collections.of_projects(projects, _CLOSED_LATELY) if one.closed] if projects else ()


def _late(closed: Iterable[Collection], piece: Evidence) -> Iterator[_Late]:
    """The slots of closed collections that it would have filled."""
    run = dict(piece.about).get(_RUN, "")
    for one in closed:
        if piece.seq <= one.last or (run and one.subjects.run and run != one.subjects.run):
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
