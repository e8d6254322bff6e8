"""What people set for themselves, in a database: stars and views of lists. Implements the protocols of
:mod:`plumbline.model.ports.people`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from plumbline.adapters.store import rows
from plumbline.adapters.store.schema import people as tables
from plumbline.adapters.store.upsert import insert_new, upsert
from plumbline.model.person import SavedView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_star, _view = tables.star, tables.saved_view


class SqlStars:
    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def add(self, person: int, node: int, at: int) -> bool:
        return insert_new(self._on, _star, {"person": person, "node": node, "at": at})

    def remove(self, person: int, node: int) -> bool:
        gone = delete(_star).where(_star.c.person == person, _star.c.node == node)
        return self._on.execute(gone).rowcount == 1

    def of(self, person: int) -> Sequence[int]:
        found = select(_star.c.node).where(_star.c.person == person).order_by(_star.c.at, _star.c.node)
        return list(self._on.execute(found).scalars())


class SqlSavedViews:
    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def put(self, view: SavedView) -> None:
        upsert(self._on, _view, rows.row_of(view))

    def remove(self, person: int, shelf: str, name: str) -> bool:
        columns = _view.c
        gone = delete(_view).where(columns.person == person, columns.shelf == shelf, columns.name == name)
        return self._on.execute(gone).rowcount == 1

    def of(self, person: int, shelf: str) -> Sequence[SavedView]:
        found = rows.query(SavedView, _view).where(_view.c.person == person, _view.c.shelf == shelf)
        return rows.every(self._on, SavedView, found.order_by(_view.c.name))
