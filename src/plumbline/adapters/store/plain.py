"""Statements in plain SQL, handed straight to the driver: those that are asked for every event. SQLAlchemy makes,
looks up and dresses a statement at each call, which takes several times as long as the database does."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


def ask(connection: Connection, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """The rows that a statement gives, none where it gives none. Its values stand as ``?``, on PostgreSQL too.

    Raises the errors of SQLAlchemy; they do not quote the values.
    """
    if not connection.in_transaction():
        connection.begin()
    dialect = connection.dialect
    driver: Any = connection.connection.driver_connection
    if dialect.paramstyle != "qmark":
        statement = _with_percents(statement)
    try:
        cursor = driver.execute(statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
    except dialect.loaded_dbapi.Error as error:
        kind: Any = dialect.loaded_dbapi.Error
        raise DBAPIError.instance(statement, None, error, kind, hide_parameters=True, dialect=dialect) from error
    return found


@cache
def _with_percents(statement: str) -> str:
    return statement.replace("?", "%s")


@cache
def places(rows: int, columns: int) -> str:
    """``(?, ?), (?, ?), ...`` for the values of so many rows."""
    return ", ".join([f"({', '.join('?' * columns)})"] * rows)
