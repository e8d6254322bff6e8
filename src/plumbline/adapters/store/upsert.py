"""Insert or replace, in the one way that both databases know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select, Table


def upsert(connection: Connection, table: Table, row: dict[str, Any], **instead: Any) -> None:
    """Insert a row, or bring the one with its key up to it; ``instead`` says what to set another way then."""
    inserted = _insert(connection, table).values(row)
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in row.items() if name not in keys} | instead
    connection.execute(inserted.on_conflict_do_update(index_elements=keys, set_=changed))


def merge(connection: Connection, table: Table, found: Select[Any]) -> None:
    """Insert what is selected, for each column of a table in its order, or bring the rows with its keys up to it."""
    names, keys = ([column.name for column in columns] for columns in (table.columns, table.primary_key))
    inserted = _insert(connection, table).from_select(names, found)
    changed = {name: inserted.excluded[name] for name in names if name not in keys}
    connection.execute(inserted.on_conflict_do_update(index_elements=keys, set_=changed))


def insert_new(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row; False where there is one with its key."""
    keys = [column.name for column in table.primary_key]
    inserted = _insert(connection, table).values(row).on_conflict_do_nothing(index_elements=keys)
    return connection.execute(inserted.returning(*table.primary_key)).first() is not None


def _insert(connection: Connection, table: Table) -> sqlite.Insert:
    # The two dialects' inserts have the same methods; mypy is told the one.
    made: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    inserted: sqlite.Insert = made(table)
    return inserted
