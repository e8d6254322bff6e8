"""One server for all tests of the table, and how many questions they ask."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from table_walk import Walker
from table_world import World


@pytest.fixture(scope="session")
def walker(tmp_path_factory):
    made = Walker(World(str(tmp_path_factory.mktemp("table"))))
    yield made
    made.close()
