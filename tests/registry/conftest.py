"""A bank with a registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.registry.registry_door import Door
from tests.registry.registry_world import Bank

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    made = Bank(tmp_path / "data")
    with made.server:
        yield made


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    made = Door(tmp_path / "data")
    with made.server:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One for all questions of a file that nothing depends on what others left."""
    made = Door(tmp_path_factory.mktemp("shared") / "data")
    with made.server:
        yield made
