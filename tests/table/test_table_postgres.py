"""The same doors and table on PostgreSQL: every third question, a different third from door to door, so that every role
at every place is asked often. ``PLUMBLINE_TABLE=whole`` asks all of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from table_doors import DOORS
from table_walk import Walker
from table_world import World
from test_table_walk import hold
from tests.postgres_server import postgres_server

if TYPE_CHECKING:
    from pathlib import Path


STEP = 1 if os.environ.get("PLUMBLINE_TABLE") == "whole" else 3


@pytest.mark.slow
@pytest.mark.long
def test_every_door_answers_the_same_on_postgresql(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with postgres_server() as server:
        walker = Walker(World(str(tmp_path), server.database()))
        try:
            wrong = [said for number, door in enumerate(DOORS) if (said := _held(door, walker, number % STEP))]
        finally:
            walker.close()
    assert not wrong, "\n".join(wrong)


def _held(door: str, walker: Walker, first: int) -> str:
    try:
        hold(door, walker, first, STEP)
    except AssertionError as error:
        return str(error)
    return ""
