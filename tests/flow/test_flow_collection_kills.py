"""64 parallel adds and kills at any moment: no slot is lost, none is doubled, and each collection is closed once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from collection_kills import faults, text, turn
from tests.crash.world import World
from tests.postgres_server import PostgresServer, postgres_server

from plumbline.flow.contracts.save import save_contract

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.mark.parametrize("rounds", [pytest.param(5, marks=pytest.mark.slow), pytest.param(200, marks=pytest.mark.long)])
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_no_slot_is_lost_or_doubled(tmp_path: Path, rounds: int, database: str, request: pytest.FixtureRequest) -> None:
    address = request.getfixturevalue("postgres").database() if database == "postgresql" else ""
    world = World(tmp_path / "data", address)
    project = world.add_project(tmp_path / "home")
    save_contract(world.actor(), world.contracts, project, text())
    world.close()
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    script = [
        sys.executable,
        str(HERE / "collection_kills.py"),
        world.data,
        address,
        str(project),
        str(rounds),
        str(seed),
    ]
    paths = os.pathsep.join([str(HERE.parents[1]), *sys.path])
    subprocess.run(script, check=True, env={**os.environ, "PYTHONPATH": paths})
    world = World(tmp_path / "data", address)
    turn(world)
    found = faults(world, project)
    with world.store.view() as tx:
        closed = len(tx.collections.of_projects([project], 100_000))
    world.close()
    print(f"seed {seed}: {closed} collections, {rounds} kills")
    assert not found, (seed, found[:10])
    assert closed
