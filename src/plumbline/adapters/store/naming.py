"""What has a text in its name, whatever the case of its letters as far as the database knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, true

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Connection


def holds(connection: Connection, column: ColumnElement[str], text: str) -> tuple[ColumnElement[bool], ...]:
    """Conditions of a row: that it has the text in it, and that it begins so."""
    find = func.instr if connection.dialect.name == "sqlite" else func.strpos
    small = find(func.lower(column), text.lower())  # SQLite knows the cases of ASCII alone: others are held as they are
    return or_(small > 0, find(column, text) > 0), small == 1


def within(column: ColumnElement[int], projects: Collection[int] | None) -> ColumnElement[bool]:
    """None: in any project."""
    return true() if projects is None else column.in_(projects)
