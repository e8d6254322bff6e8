"""A bank with a registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.registry.registry_world import Bank

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    made = Bank(tmp_path / "data")
    with made.server:
        yield made
