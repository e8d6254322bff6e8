"""What tests of facts by way of the product's own use cases begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.facts.live import Live

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """A server with a project, of which nothing was told yet."""
    made = Live(tmp_path)
    yield made
    made.close()
