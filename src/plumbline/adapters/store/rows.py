"""From structs to rows and back: a column for every field, tuples and dicts as JSON."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from sqlalchemy import func, insert, select, update

from plumbline.kernel import legible
from plumbline.model.coding import json_of
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Column, Connection, Select, Table

S = TypeVar("S", bound=msgspec.Struct)
_JSON = frozenset(
    {"settings", "scopes", "tags", "heads", "speaks_as", "kinds", "projects", "counts", "identifiers", "fixed_in"}
)
_decode = msgspec.json.Decoder().decode


def row_of(value: msgspec.Struct, *without: str) -> dict[str, Any]:
    """The columns of a struct; an id that is 0 is left to the database."""
    row = {}
    for name in value.__struct_fields__:
        found = getattr(value, name)
        if name in without or (name == "id" and found == 0):
            continue
        row[name] = json_of(found).decode() if name in _JSON else legible(found) if type(found) is str else found
    return row


def made(kind: type[S], rows: Sequence[Any]) -> list[S]:
    """Structs of rows selected by :func:`query`."""
    if not rows:
        return []
    names = [str(name) for name in rows[0]._fields]  # names of columns may be a kind of str of their own
    return structs(kind, names, rows)


def structs(kind: type[S], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[S]:
    """The same of rows whose columns have these names."""
    encoded = [name for name in names if name in _JSON]
    fields = [dict(zip(names, row, strict=True)) for row in rows]
    for name in encoded:
        for each in fields:
            each[name] = {} if each[name] == "{}" else _decode(each[name])  # most hold nothing
    return msgspec.convert(fields, ready(list[kind]), builtin_types=(bytes,))  # type: ignore[valid-type]


def one(kind: type[S], row: Any) -> S:
    return made(kind, [row])[0]


def columns(kind: type[msgspec.Struct], table: Table) -> list[Column[Any]]:
    """One for each field of a struct."""
    return [table.c[name] for name in kind.__struct_fields__]


@cache
def query(kind: type[msgspec.Struct], table: Table) -> Select[Any]:
    """Select the columns of a struct."""
    return select(*columns(kind, table))


def first(connection: Connection, kind: type[S], selected: Select[Any], **values: object) -> S | None:
    """The first one; ``values`` of the parameters of a statement that was made once."""
    row = connection.execute(selected, values).first()
    return None if row is None else one(kind, row)


def every(connection: Connection, kind: type[S], selected: Select[Any], **values: object) -> list[S]:
    return made(kind, connection.execute(selected, values).all())


def add(connection: Connection, table: Table, value: S) -> S:
    """Insert it; the struct with the id that the database gave."""
    given = connection.execute(insert(table).values(row_of(value)).returning(table.c.id)).scalar_one()
    return msgspec.structs.replace(value, id=given)


def save(connection: Connection, table: Table, value: Any, *without: str) -> bool:
    """Replace the row with its id."""
    changed = update(table).where(table.c.id == value.id).values(row_of(value, "id", *without))
    return connection.execute(changed).rowcount == 1


def count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()
