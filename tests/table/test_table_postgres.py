"""The same doors, actors and table on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from table_doors import DOORS
from table_walk import Walker
from table_world import World
from test_table_walk import hold
from tests.postgres_server import postgres_server

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_every_door_answers_the_same_on_postgresql(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with postgres_server() as server:
        walker = Walker(World(str(tmp_path), server.database()))
        try:
            wrong = [said for door in DOORS if (said := _held(door, walker))]
        finally:
            walker.close()
    assert not wrong, "\n".join(wrong)


def _held(door: str, walker: Walker) -> str:
    try:
        hold(door, walker)
    except AssertionError as error:
        return str(error)
    return ""
