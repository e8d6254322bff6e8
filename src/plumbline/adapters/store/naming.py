"""What has a text in its name, whatever the case of its letters as far as the database knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, true

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Connection


def asked(connection: Connection, text: str, projects: Collection[int] | None = None) -> tuple[bool, bool, bool]:
    """By what a statement differs from others of its kind: on SQLite, of ASCII alone, in all projects."""
    return connection.dialect.name == "sqlite", text.isascii(), projects is None


def values(text: str, limit: int, projects: Collection[int] | None = None) -> dict[str, Any]:
    """Of the parameters of such a statement."""
    given = {"text": text, "small": text.lower(), "limit": limit}
    return given if projects is None else {**given, "projects": list(projects)}


def holds(column: ColumnElement[str], *, sqlite: bool, plain: bool) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Conditions of a row: that it has the text in it, and that it begins so. ``plain``: the text is ASCII."""
    find = func.instr if sqlite else func.strpos
    small = find(func.lower(column), bindparam("small"))
    # SQLite knows the cases of ASCII alone: other letters are held as they are
    return small > 0 if plain else or_(small > 0, find(column, bindparam("text")) > 0), small == 1


def within(column: ColumnElement[int], *, everywhere: bool) -> ColumnElement[bool]:
    return true() if everywhere else column.in_(bindparam("projects", expanding=True))
