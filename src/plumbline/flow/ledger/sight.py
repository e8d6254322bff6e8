"""What of the ledger somebody may see: all of it, or what is about the nodes where they may read it, and below those.

Which entries are about a node says what they are filed under, see :func:`plumbline.evidence.filed_under`: grades choose
by the same. What is about no node is seen by whoever reads the ledger of the whole installation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from plumbline.access import granted, use_cases
from plumbline.evidence import filed_under
from plumbline.flow.tree.former_names import read_moves
from plumbline.model.event import FoundEntries
from plumbline.model.tree import INSTANCE, is_within, paths_above

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.access import UseCase
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.kernel import Text
    from plumbline.model.event import Entry, EntryFilter
    from plumbline.model.moves import Moves
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.transaction import Transaction


_AT_ONCE = 50  # nodes in one look


class SeenLedger(NamedTuple):
    """``paths``: of nodes none of which is below another; they count where it is not the ``whole`` ledger. ``moves``:
    what nodes were called before, under which entries of then are filed."""

    ledger: Ledger
    whole: bool
    moves: Moves
    paths: tuple[str, ...] = ()

    def shows(self, entry: Entry) -> bool:
        if self.whole:
            return True
        place = place_now(entry, self.moves)
        return any(is_within(place, path) for path in self.paths)

    def inside(self, path: str) -> tuple[str, ...]:
        """What of a node and what is below it (empty: of everything) may be seen; an empty path stands for all."""
        if self.whole or (path and any(is_within(path, one) for one in self.paths)):
            return (path,)
        return tuple(one for one in self.paths if not path or is_within(one, path))

    def look(
        self, wanted: EntryFilter, limit: int, *, start: int = 0, newest: bool = True, reach: int = 0
    ) -> FoundEntries:
        """As :meth:`Ledger.look`, of what may be seen: of a node under all names that it had. Whoever sees the whole
        ledger finds by a path also what others left there that had it before."""
        asked = [one for path in self.inside(wanted.scope) for one in self._under_all_names(wanted, path)]
        if len(asked) > 1 and not self.whole and (wanted.who or wanted.subject or wanted.id):
            # These tell more than where it is: several nodes in one look.
            parts = [one.part for one in asked if one.part is not None]
            asked = [
                replace(wanted, scope="", within=tuple(parts[at : at + _AT_ONCE]))
                for at in range(0, len(parts), _AT_ONCE)
            ]
        found = [self.ledger.look(one, limit, start=start, newest=newest, reach=reach) for one in asked]
        if self.moves and not self.whole:
            found = [replace(one, entries=tuple(filter(self.shows, one.entries))) for one in found]
        return found[0] if len(found) == 1 else _merged(found, limit, newest=newest)

    def _under_all_names(self, wanted: EntryFilter, path: str) -> Iterator[EntryFilter]:
        if not path:
            yield replace(wanted, scope="")
            return
        if self.whole:
            yield replace(wanted, scope=path)
        for part in self.moves.around(path, self.ledger.size()).stretches if self.moves or not self.whole else ():
            if not (self.whole and is_within(part.path, path)):
                yield replace(wanted, scope=part.path, part=part)


def place_now(entry: Entry, moves: Moves) -> str:
    """The path, now, of the node that an entry is about; empty: about none."""
    scope = filed_under(entry.body, entry.sender).scope
    return moves.now(scope, entry.seq) if scope else ""


def seen_ledger(unit: UnitOfWork, ledger: Ledger, use_case: UseCase) -> SeenLedger:
    """What the actor may see of the ledger by a use case; nothing where they may see nothing."""
    assert use_case.permission is not None
    nodes, moves = granted(unit.actor, use_case.permission), read_moves(ledger)
    if INSTANCE in nodes:
        return SeenLedger(ledger, True, moves)
    paths = {path for node in nodes for path in paths_of(unit.tx, node)}
    tops = tuple(sorted(path for path in paths if not paths.intersection(paths_above(path))))
    return SeenLedger(ledger, False, moves, tops)


def paths_of(tx: Transaction, node: int) -> tuple[str, ...]:
    """Under which path the entries about a node and what is below it are filed now; :class:`SeenLedger` knows those of
    before."""
    found = tx.tree.get(node)
    return (found.path,) if found is not None else ()


def require_entry(unit: UnitOfWork, ledger: Ledger, use_case: UseCase, entry: Entry | None, missing: Text) -> None:
    """Whether the actor may see this entry (None: there is none). Raises PlumblineError ``not-found`` with what is
    ``missing``, also where it is about no node that the actor sees, and ``not-allowed``."""
    place = place_now(entry, read_moves(ledger)) if entry is not None else ""
    node = _nearest(unit.tx, place) if place else None
    if node is None and entry is not None and (unit.may(use_case) or unit.may(use_cases.LIST_NODES)):
        node = INSTANCE  # whoever sees all of the installation is told why not
    unit.require(use_case, node, missing)


def _nearest(tx: Transaction, path: str) -> int | None:
    """The node at a path, or the first one above it that there is."""
    for one in (path, *reversed(paths_above(path))):
        if (found := tx.tree.at(one)) is not None:
            return found.id
    return None


def _merged(found: list[FoundEntries], limit: int, *, newest: bool) -> FoundEntries:
    """The first of what several looks found, as far as all of them looked."""
    ends = [one.next for one in found if one.next]
    end = (max if newest else min)(ends) if ends else 0
    entries = {entry.seq: entry for one in found for entry in one.entries}
    seen = [seq for seq in sorted(entries, reverse=newest) if not end or (seq >= end if newest else seq <= end)]
    kept = tuple(entries[seq] for seq in seen[:limit])
    return FoundEntries(entries=kept, next=kept[-1].seq if len(seen) > limit else end)
