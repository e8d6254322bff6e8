"""Entries that are filed under paths of the tree, each path in a part of the ledger."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, not_, or_, select, union

from plumbline.adapters.store.entries import ENTRY, entry_of
from plumbline.adapters.store.schema import ledger as tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Select

    from plumbline.model.event import Entry
    from plumbline.model.moves import Stretch

_scope = tables.scope.c


_LISTED = 500  # entries in one statement
_AT_ONCE = 100  # ranges in one statement, and parts that are left out of one: databases bound how deep terms may be


def numbers_in(stretches: Sequence[Stretch]) -> Select[Any]:
    """The numbers of the entries in any of these, of which there is at least one. Where very much was moved away from
    below a path, some of that is among them: whoever reads the entries finds what each is about now."""
    ranges = [*chain.from_iterable(map(_ranges, stretches))]
    parts = [ranges[at : at + _AT_ONCE] for at in range(0, len(ranges), _AT_ONCE)]
    every = [select(_scope.seq).where(or_(*part)) for part in parts]
    return every[0] if len(every) == 1 else select(union(*every).subquery().c.seq)


def in_any(stretches: Sequence[Stretch]) -> ColumnElement[bool]:
    """Whether a row is in one of these; a few dozens at most."""
    return or_(*chain.from_iterable(map(_ranges, stretches)))


def filed(connection: Connection, stretches: Sequence[Stretch], limit: int) -> list[Entry]:
    """The first entries that are filed in one of these."""
    numbers = numbers_in(stretches).subquery()
    first = select(numbers.c.seq).distinct().order_by(numbers.c.seq).limit(limit)
    found = list(connection.execute(first).scalars())
    entries: list[Entry] = []
    for at in range(0, len(found), _LISTED):
        query = ENTRY.where(tables.entry.c.seq.in_(found[at : at + _LISTED])).order_by(tables.entry.c.seq)
        entries += map(entry_of, connection.execute(query))
    return entries


def _ranges(stretch: Stretch) -> Iterator[ColumnElement[bool]]:
    """Each is one range of the index: SQLite looks at all there is where these are not side by side."""
    others = [not_(or_(*_within(one))) for one in stretch.without[:_AT_ONCE]]
    for path in _within(stretch.path) if stretch.below else (_scope.scope == stretch.path,):
        yield and_(path, _scope.seq > stretch.after, _scope.seq <= stretch.upto, *others)


def _within(path: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """At it, and below it: "0" follows "/"."""
    return _scope.scope == path, and_(_scope.scope >= f"{path}/", _scope.scope < f"{path}0")
