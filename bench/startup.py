"""How long it takes until the first word."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bench.measure import Figure, alternate, command
from bench.peers import PLUMB

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def help_text(_scratch: Path) -> Iterator[Figure]:
    """``plumb --help`` over a Python that does nothing."""
    ours, bare = alternate([command([PLUMB, "--help"]), command([sys.executable, "-c", "pass"])], rounds=21)
    note = "whole process, median of 21 in turn; the peer is python -c pass"
    yield Figure("plumb --help", "ms", ours * 1e3, bare * 1e3, "<= bare Python + 60 ms", bare * 1e3 + 60, note)
