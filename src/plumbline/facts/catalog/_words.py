"""Words in names that people gave: English ones whole, Chinese ones wherever they stand."""

from __future__ import annotations

import re
from functools import lru_cache

_REMEMBERED = 4096  # names; the same few come again and again


@lru_cache(_REMEMBERED)
def says(name: str, marks: tuple[str, ...]) -> bool:
    """Whether one of the marks, in small letters, is in the name."""
    low = name.casefold()
    words = _words(low)
    return any(mark in (words if mark.isascii() else low) for mark in marks)


@lru_cache(_REMEMBERED)
def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", name))
