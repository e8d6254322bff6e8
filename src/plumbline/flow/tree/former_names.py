"""The names that nodes had, as the ledger tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.evidence.vocabulary import own_platform as own
from plumbline.model.moves import Move, Moves
from plumbline.trace import read_seen

if TYPE_CHECKING:
    from plumbline.model.ports.ledger import Ledger
    from plumbline.trace import Seen

MOVES = frozenset({"node.moved", "node.deleted"})  # kinds


def read_moves(ledger: Ledger) -> Moves:
    """Every move of a node so far, each at the number of its entry."""
    told = ledger.of_types((own.NodeMoved.TYPE, own.NodeDeleted.TYPE))
    read = ((one.seq, read_seen(one.body, one.sender)) for one in told)
    return Moves(move for at, seen in read if seen is not None and (move := move_in(seen, at)) is not None)


def move_in(seen: Seen, at: int) -> Move | None:
    """What an event says of a move; None where it says nothing of one. ``at``: its place among the others."""
    if seen.what not in MOVES or not seen.own:
        return None
    path, to = str(seen.content.get("path", "")), str(seen.content.get("to", ""))
    if not path or (seen.what == "node.moved" and not to):
        return None
    return Move(at, path, to, seen.cited.id)
