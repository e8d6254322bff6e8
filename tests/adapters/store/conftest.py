"""Stores to test with: every test that takes ``store`` runs on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.postgres_server import PostgresServer, postgres_server

from plumbline.adapters.store import Store, StoreSettings, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_TEMPLATE = "migrated"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def migrated(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> PostgresServer:
    """The server with a database to copy that has today's tables."""
    postgres.execute(f"create database {_TEMPLATE}")
    data = str(tmp_path_factory.mktemp("migrated"))
    open_store(StoreSettings(data=data, address=postgres.address(_TEMPLATE))).close()
    return postgres


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def settings(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StoreSettings:
    """Of a store with today's tables and nothing in them; on SQLite of one that is not there yet."""
    made = StoreSettings(data=str(tmp_path / "data"), patience=2)
    if request.param == "sqlite":
        return made
    server: PostgresServer = request.getfixturevalue("migrated")
    monkeypatch.setenv("PATH", f"{server.binaries}:{os.environ['PATH']}")  # pg_dump of the server's own version
    return msgspec.structs.replace(made, address=server.database(_TEMPLATE))


@pytest.fixture
def without_tables(settings: StoreSettings, request: pytest.FixtureRequest) -> StoreSettings:
    """The same kind of store before its first table."""
    if settings.address:
        server: PostgresServer = request.getfixturevalue("postgres")
        settings = msgspec.structs.replace(settings, address=server.database())
    os.makedirs(settings.data)
    return settings


@pytest.fixture
def reopened(settings: StoreSettings) -> Iterator[Callable[[], Store]]:
    """Opens the same store once more, as another process would."""
    opened = []

    def opening() -> Store:
        opened.append(open_store(settings))
        return opened[-1]

    yield opening
    for store in opened:
        store.close()


@pytest.fixture
def store(reopened: Callable[[], Store]) -> Store:
    return reopened()
