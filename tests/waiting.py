"""Waiting in tests, for as long as a busy machine may take."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Found = TypeVar("Found")


def until(condition: Callable[[], Found], seconds: float = 90, why: Callable[[], object] = lambda: "") -> Found:
    """What it came to. ``why``: what is told where it did not."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, why()
        time.sleep(0.02)
    return found
