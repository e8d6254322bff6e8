"""Whose lease is over, found out by watching it: no clock is compared with another one.

A lease lives as long as it moves: whoever holds it writes a new mark now and then. It is over when somebody saw it
stand still for its whole length, by a clock that only goes forward. A clock that is set, clocks of two servers that
differ, and a machine that slept therefore end no lease. What passes while nobody can look (the database is away, the
machine sleeps) counts little: those who hold leases could not move them either.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

MOST_BETWEEN = 5_000_000  # microseconds between two looks that count


def ticks() -> int:
    """Microseconds of a clock that nobody sets."""
    return time.monotonic_ns() // 1000


class Lease(NamedTuple):
    """``mark`` is another one whenever its holder gave a sign of life."""

    id: int
    fence: int
    mark: int


class LeaseWatch:
    """What one process saw of the leases of one kind. ``length``: microseconds. Used by one thread."""

    def __init__(self, length: int, ticks: Callable[[], int] = ticks) -> None:
        self._length = length
        self._ticks = ticks
        self._looked = ticks()
        self._seen: dict[tuple[int, int], tuple[int, int]] = {}  # mark, and for how long it stands still

    def over(self, held: Iterable[Lease], ours: Collection[int] = ()) -> set[Lease]:
        """Those of all that are held which are over. ``ours``: what this process holds itself and knows to live."""
        now = self._ticks()
        passed, self._looked = min(now - self._looked, MOST_BETWEEN), now
        before, self._seen = self._seen, {}
        found = set()
        for lease in held:
            if lease.id in ours:
                continue
            key = lease.id, lease.fence
            mark, still = before.get(key, (lease.mark, -passed))
            still = still + passed if mark == lease.mark else 0
            self._seen[key] = lease.mark, still
            if still >= self._length:
                found.add(lease)
        return found
