"""From a SQLite file into a PostgreSQL database: every row as it is, all of them or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Table, func, insert, literal, select

from plumbline.adapters.store.errors import telling
from plumbline.adapters.store.schema import metadata
from plumbline.adapters.store.upgrading import make_tables

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from plumbline.adapters.store.engine import Engines

_AT_ONCE = 1000  # rows


def carry(source: Engines, target: Engines) -> None:
    """``source``: with today's tables, used by nobody else. ``target``: empty; its tables are made here.

    Raises PlumblineErrors as :func:`telling` does; the target is empty then.
    """
    with telling(source.place), source.reader.connect() as old, telling(target.place), target.writer.connect() as new:
        with new.begin():
            make_tables(new, target)
            for table in metadata.sorted_tables:
                _copy(old, new, table)
                _number_onwards(old, new, table)
        new.invalidate()  # the making of tables leaves settings behind


def _copy(old: Connection, new: Connection, table: Table) -> None:
    """In the order of their keys: what a row belongs to was there before it."""
    rows = old.execution_options(yield_per=_AT_ONCE).execute(select(table).order_by(*table.primary_key.columns))
    for some in rows.partitions(_AT_ONCE):
        new.execute(insert(table), [row._asdict() for row in some])


def _number_onwards(old: Connection, new: Connection, table: Table) -> None:
    """A number is never given twice, also where the row that had it is gone."""
    column = table.autoincrement_column
    if column is None:
        return
    last = max(_given(old, table), old.execute(select(func.coalesce(func.max(column), 0))).scalar_one())
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    if last:
        new.execute(select(func.setval(sequence, last)))


def _given(old: Connection, table: Table) -> int:
    """The last number that SQLite gave to a row of a table."""
    numbers = Table("sqlite_sequence", type(metadata)(), Column("name"), Column("seq"))
    found = old.execute(select(numbers.c.seq).where(numbers.c.name == literal(table.name))).scalar_one_or_none()
    return int(found or 0)
