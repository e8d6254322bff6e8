"""Which commits come before which others. Git is asked outside transactions; what it said is remembered."""

from __future__ import annotations

import math
from collections import OrderedDict
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

AGAIN = 60.0  # seconds after which git is asked again what it could not tell: the commits may have been fetched since
_KEPT = 4096  # answers in memory


class Descent(NamedTuple):
    """The question whether ``newer`` has ``older`` in its history. Commits never change, nor does the answer."""

    project: int
    older: str
    newer: str


class Lineage:
    """Safe to use from several threads. ``clock``: seconds, which only go on."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[Descent, tuple[bool, float]] = OrderedDict()  # each with when it is asked again
        self._lock = Lock()

    def holds(self, descent: Descent) -> bool | None:
        """None: git has to be asked."""
        with self._lock:
            found, until = self._known.get(descent, (None, 0.0))
        return found if self._clock() < until else None

    def learn(self, descent: Descent, ask: Callable[[int, str, str], bool | None]) -> None:
        """Ask git, never inside a transaction. Where it cannot tell, the one does not come before the other as far as
        anybody knows: for a while, so that nothing waits for it."""
        found = ask(*descent)
        until = self._clock() + AGAIN if found is None else math.inf
        with self._lock:
            self._known[descent] = bool(found), until
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
