"""From where a connection comes, as one that is counted."""

from __future__ import annotations

from functools import lru_cache

from plumbline.access import throttle


@lru_cache(maxsize=4096)
def sender_of(address: str) -> str:
    """As failed sign-ins are counted (:func:`plumbline.access.throttle.place_of`); what is no address stands for
    itself."""
    return throttle.place_of(address[:100])
