"""A backup of a SQLite file goes into a PostgreSQL database: every row, or none."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Boolean, Float, Integer, LargeBinary, Table, delete, insert, inspect, select
from tests.postgres_server import PostgresServer

from plumbline.adapters.store import FILE, StoreSettings, open_store
from plumbline.adapters.store.backup import back_up
from plumbline.adapters.store.opening import reach
from plumbline.adapters.store.restoring import restore
from plumbline.adapters.store.schema import ledger, metadata, tree
from plumbline.kernel import PlumblineError
from plumbline.model.event import EventDraft

pytestmark = pytest.mark.slow

ROWS = 3


@pytest.fixture
def file(tmp_path: Path) -> StoreSettings:
    return StoreSettings(data=str(tmp_path / "data"), patience=2)


@pytest.fixture
def database(tmp_path: Path, postgres: PostgresServer) -> StoreSettings:
    return StoreSettings(data=str(tmp_path / "elsewhere"), address=postgres.database(), patience=2)


def rows_of(settings: StoreSettings, table: Table) -> list[tuple]:
    engines = reach(settings)
    with engines.reader.connect() as connection:
        found = connection.execute(select(table).order_by(*table.primary_key.columns)).all()
    engines.close()
    return [tuple(row) for row in found]


def fill(settings: StoreSettings, leave: set[str]) -> None:
    """Some rows in every table, whatever its columns are."""
    engines = reach(settings)
    with engines.writer.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name not in leave:
                rows = [
                    {column.name: _value(column, number) for column in table.columns} for number in range(1, 1 + ROWS)
                ]
                connection.execute(insert(table), rows)
    engines.close()


def _value(column, number: int):
    if isinstance(column.type, Boolean):
        return number % 2 == 0
    if isinstance(column.type, Float):
        return number + 0.5
    if isinstance(column.type, Integer):
        return number
    return bytes([number, 0, 255]) if isinstance(column.type, LargeBinary) else f"名 {number}"


def backup(settings: StoreSettings, tmp_path: Path) -> str:
    path = str(tmp_path / "backup")
    back_up(settings, path)
    return path


def test_every_row_of_every_table_is_carried(file, database, tmp_path):
    store = open_store(file)
    store.ledger.append([EventDraft(source="s", id=f"{n}", type="t", subject="x", body=b"{}") for n in range(2500)])
    store.close()
    fill(file, {table.name for table in metadata.sorted_tables if table.name.startswith("ledger_")})
    made = restore(database, backup(file, tmp_path))
    assert made.entries == 2500
    for table in metadata.sorted_tables:
        there = rows_of(database, table)
        assert there == rows_of(file, table), table.name
        if not table.name.startswith("ledger_"):
            assert len(there) == ROWS, table.name
    assert not Path(database.data, FILE).exists()
    store = open_store(msgspec.structs.replace(database, create=False))
    store.ledger.append([EventDraft(source="s", id="next", type="t", subject="x", body=b"{}")])
    assert store.ledger.size() == 2501
    store.close()


def test_numbers_go_on_where_they_were(file, database, tmp_path):
    open_store(file).close()
    fill(file, {ledger.entry.name, ledger.node.name, ledger.checkpoint.name, ledger.scope.name})
    engines = reach(file)
    with engines.writer.begin() as connection:
        connection.execute(delete(tree.node).where(tree.node.c.id == ROWS))
    engines.close()
    restore(database, backup(file, tmp_path))
    engines = reach(database)
    with engines.writer.begin() as connection:
        row = {column.name: _value(column, ROWS + 1) for column in tree.node.columns if column.name != "id"}
        made = connection.execute(insert(tree.node).values(**{**row, "parent": None}))
    engines.close()
    assert made.inserted_primary_key == (ROWS + 1,)  # not the number of the row that is gone


def test_what_cannot_be_carried_leaves_the_database_empty(file, database, tmp_path):
    open_store(file).close()
    engines = reach(file)
    with engines.writer.begin() as connection:  # PostgreSQL takes no such text, and ours never writes one
        row = {column.name: _value(column, 1) for column in tree.node.columns}
        connection.execute(insert(tree.node).values(**{**row, "parent": None, "title": "a\x00b"}))
    engines.close()
    with pytest.raises(PlumblineError):
        restore(database, backup(file, tmp_path))
    engines = reach(database)
    assert inspect(engines.reader).get_table_names() == []
    engines.close()
    assert list(Path(database.data).iterdir()) == []


def test_it_goes_into_an_empty_database_alone_and_never_back_into_a_file(
    file, database, tmp_path, postgres, monkeypatch
):
    monkeypatch.setenv("PATH", f"{postgres.binaries}:{os.environ['PATH']}")
    open_store(file).close()
    path = backup(file, tmp_path)
    restore(database, path)
    with pytest.raises(PlumblineError) as refused:
        restore(msgspec.structs.replace(database, data=str(tmp_path / "third")), path, force=True)
    assert refused.value.code == "store-exists"
    back_up(database, path)
    with pytest.raises(PlumblineError) as refused:
        restore(StoreSettings(data=str(tmp_path / "fourth")), path)
    assert refused.value.code == "backup-kind"
