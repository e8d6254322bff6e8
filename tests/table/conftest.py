"""One server for all tests of the table, and how many questions they ask."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from table_actors import actors
from table_doors import DOORS
from table_walk import Walker, is_api
from table_world import World

from plumbline.access import USE_CASES


@pytest.fixture(scope="session")
def walker(tmp_path_factory):
    made = Walker(World(str(tmp_path_factory.mktemp("table"))))
    yield made
    made.close()


def pytest_terminal_summary(terminalreporter):
    asked = [actor for door, calls in DOORS.items() for call in calls for actor in actors(call, api=is_api(door))]
    terminalreporter.write_line(f"{len(USE_CASES)} use cases at {len(DOORS)} doors: {len(asked)} questions")
