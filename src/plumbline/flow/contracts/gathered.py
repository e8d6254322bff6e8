"""What entries of the ledger tell about a project since some number: pieces of evidence, read once each."""

from __future__ import annotations

from collections import OrderedDict
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from plumbline.contracts import evidence_of, told, wanted_types
from plumbline.evidence.origin import kind_of
from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.contract import Evidence
    from plumbline.model.event import Entry
    from plumbline.model.moves import Moves, Stretch
    from plumbline.model.ports.transaction import Transaction

_AT_ONCE = 2_000  # entries
_REMEMBERED = 64  # places


class Pieces(NamedTuple):
    """``upto``: the newest entry that was looked at."""

    upto: int
    evidence: tuple[Evidence, ...] = ()


class Gathered:
    """Remembers what was read, so that each further look reads only what came since. Entries never change, so that what
    was read of durable ones holds for ever."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[tuple[str, int], Pieces] = OrderedDict()

    def of(self, tx: Transaction, moves: Moves, path: str, first: int, *, writing: bool = False) -> Pieces:
        """About the node that has this path now, after the entry ``first``. ``writing``: inside a transaction that
        writes, where what is seen may yet be undone and is not remembered."""
        with self._lock:
            known = self._known.get((path, first), Pieces(first))
        size = tx.ledger_size()
        if known.upto >= size:
            return known if known.upto == size else _upto(known, size)
        fresh = read_evidence(tx, _parts(moves, path, known.upto, size))
        found = Pieces(size, (*known.evidence, *fresh))
        if not writing:
            self._remember((path, first), found)
        return found

    def _remember(self, key: tuple[str, int], found: Pieces) -> None:
        with self._lock:
            held = self._known.get(key)
            if held is None or held.upto < found.upto:
                self._known[key] = found
            self._known.move_to_end(key)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)


def _upto(known: Pieces, size: int) -> Pieces:
    """As an older moment saw it."""
    return Pieces(size, tuple(one for one in known.evidence if one.seq <= size))


def _parts(moves: Moves, path: str, after: int, upto: int) -> list[Stretch]:
    """The node with what is below it, and the nodes above it by themselves: a source may speak of a whole group."""
    around = moves.around(path, upto)
    return [one._replace(after=max(one.after, after)) for one in (*around.stretches, *around.above) if one.upto > after]


def read_evidence(tx: Transaction, parts: Sequence[Stretch]) -> list[Evidence]:
    found: list[Evidence] = []
    while entries := tx.filed(parts, _AT_ONCE):
        for entry in entries:
            found += pieces_of(entry)
        if len(entries) < _AT_ONCE:
            break
        last = entries[-1].seq
        parts = [one._replace(after=max(one.after, last)) for one in parts if one.upto > last]
    return found


def pieces_of(entry: Entry) -> Sequence[Evidence]:
    """None where it is of no kind that tells evidence, or is no event that anybody can read."""
    if kind_of(entry.type, entry.source) not in _wanted():
        return ()
    try:
        return evidence_of(told(entry))
    except PlumblineError:
        return ()


@cache
def _wanted() -> frozenset[str]:
    return frozenset(wanted_types())
