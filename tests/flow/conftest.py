"""What most tests of use cases begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.crash.world import World
from tests.flow.door_tools import House

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A server with its store, and nothing in it."""
    made = World(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """What the doors are handed, of a server on which nobody is yet."""
    made = House(tmp_path / "data")
    with made.server:
        yield made
