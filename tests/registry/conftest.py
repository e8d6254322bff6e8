"""A bank with a registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.postgres_server import postgres_server
from tests.registry.registry_door import Door
from tests.registry.registry_world import Bank

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgres_server import PostgresServer


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest) -> str | None:
    """The address of one, or None: that of the data folder."""
    return request.getfixturevalue("postgres").database() if request.param == "postgresql" else None


@pytest.fixture
def bank(tmp_path: Path, database: str | None) -> Iterator[Bank]:
    made = Bank(tmp_path / "data", database)
    with made.server:
        yield made


@pytest.fixture
def door(tmp_path: Path, database: str | None) -> Iterator[Door]:
    made = Door(tmp_path / "data", database)
    with made.server:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One for all questions of a file that nothing depends on what others left."""
    made = Door(tmp_path_factory.mktemp("shared") / "data")
    with made.server:
        yield made
