"""Reading a store as it is: of an older revision, without an upgrade; on a medium that takes no writes.

What an older revision does not have yet is filled in for each connection, by temporary views with the values that an
upgrade would begin with, and by temporary tables without rows. The database itself is not touched.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import event, inspect

from plumbline.adapters.store.engine import PATIENCE, Engines, check_file, frozen_engines, sqlite_engines
from plumbline.adapters.store.errors import telling
from plumbline.adapters.store.opening import FILE, no_store, reach
from plumbline.adapters.store.schema import REVISION, metadata
from plumbline.adapters.store.store import Store, now
from plumbline.adapters.store.version import stored_revision
from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Column, Connection, Table

    from plumbline.adapters.store.opening import StoreSettings


def open_for_reading(settings: StoreSettings, clock: Callable[[], int] = now) -> Store:
    """A store that is there, whatever its revision, for reading. Where its file or its folder takes no writes, nothing
    is written beside it. Raises PlumblineError as opening does, but for ``store-outdated``."""
    engines = _reach(settings)
    try:
        with telling(engines.place), engines.reader.connect() as connection:
            revision = stored_revision(connection, engines.place)
            if revision is None:
                raise no_store(engines.place)
            lacking = {} if revision == REVISION else _lacking(connection)
            schema = "main" if engines.sqlite else str(connection.exec_driver_sql("select current_schema()").scalar())
        if lacking:
            engines.reader.dispose()
            _fill_in(engines, lacking, schema)
            engines = msgspec.structs.replace(engines, frozen=True)
        missing = frozenset(name for name, columns in lacking.items() if len(columns) == len(_columns(name)))
    except BaseException:
        engines.close()
        raise
    if engines.frozen:
        engines = msgspec.structs.replace(engines, writer=engines.reader)  # which takes no writes
    return Store(engines, clock, missing)


def _reach(settings: StoreSettings) -> Engines:
    settings = msgspec.structs.replace(settings, create=False)
    path = os.path.join(settings.data, FILE)
    if settings.address or not os.path.exists(path) or _takes_writes(path):
        return reach(settings)
    check_file(path)
    if not os.path.exists(f"{path}-wal"):
        return frozen_engines(path, "mode=ro&immutable=1")
    if os.path.exists(f"{path}-shm"):  # a server of somebody else may be at work on it
        engines = frozen_engines(path, "mode=ro")
        try:
            with telling(path), engines.reader.connect() as connection:
                stored_revision(connection, path)
        except PlumblineError:
            engines.close()
        else:
            return engines
    return _copied(path, settings.patience)


def _takes_writes(path: str) -> bool:
    return os.access(path, os.W_OK) and os.access(os.path.dirname(path) or ".", os.W_OK)


def _copied(path: str, patience: float = PATIENCE) -> Engines:
    """What was committed last still is in the file beside it, and can be read only where it may be written."""
    from plumbline.adapters.folders import storing

    place = tempfile.gettempdir()
    with storing(place):
        folder = tempfile.mkdtemp(prefix="plumbline-read-")
        try:
            for ending in ("", "-wal"):
                shutil.copyfile(f"{path}{ending}", f"{folder}/{FILE}{ending}")
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    made = sqlite_engines(f"{folder}/{FILE}", patience=patience)
    return msgspec.structs.replace(
        made, place=path, frozen=True, release=lambda: shutil.rmtree(folder, ignore_errors=True)
    )


def _lacking(connection: Connection) -> dict[str, list[Column[Any]]]:
    """Columns that are not there, by table; of a table that is not there all of them."""
    there = inspect(connection)
    names = set(there.get_table_names())
    found = {}
    for table in metadata.sorted_tables:
        have = {column["name"] for column in there.get_columns(table.name)} if table.name in names else set()
        if lacking := [column for column in table.columns if column.name not in have]:
            found[table.name] = lacking
    return found


def _fill_in(engines: Engines, lacking: Mapping[str, Sequence[Column[Any]]], schema: str) -> None:
    statements = [_filling(metadata.tables[name], columns, schema, engines) for name, columns in lacking.items()]

    @event.listens_for(engines.reader, "connect")
    def fill_in(connection: Any, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("pragma query_only = off")
            connection.execute("pragma temp_store = memory")
            for statement in statements:
                connection.execute(statement)
            connection.execute("pragma query_only = on")
            return
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def _filling(table: Table, lacking: Sequence[Column[Any]], schema: str, engines: Engines) -> str:
    dialect = engines.reader.dialect
    quoted = {column.name: dialect.identifier_preparer.quote(column.name) for column in table.columns}
    if len(lacking) == len(quoted):
        columns = ", ".join(f"{quoted[one.name]} {one.type.compile(dialect)}" for one in table.columns)
        return f"create temporary table {table.name} ({columns})"
    absent = {column.name: column for column in lacking}
    shown = (f"{_value(absent[name])} as {word}" if name in absent else word for name, word in quoted.items())
    # The names are those of our own tables.
    return f'create temporary view {table.name} as select {", ".join(shown)} from "{schema}".{table.name}'  # noqa: S608


def _value(column: Column[Any]) -> str:
    default = getattr(column.server_default, "arg", None)
    if default is None:
        return "null"
    return str(getattr(default, "text", None) or "'{}'".format(str(default).replace("'", "''")))


def _columns(table: str) -> Sequence[Column[Any]]:
    return list(metadata.tables[table].columns)
