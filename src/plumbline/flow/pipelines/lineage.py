"""Which commits come before which others. Git is asked outside transactions; what it said is remembered."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_KEPT = 4096  # answers in memory


class Descent(NamedTuple):
    """The question whether ``newer`` has ``older`` in its history. Commits never change, nor does the answer."""

    project: int
    older: str
    newer: str


class Lineage:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[Descent, bool] = OrderedDict()
        self._lock = Lock()

    def holds(self, descent: Descent) -> bool | None:
        """None: nobody has asked git yet."""
        with self._lock:
            return self._known.get(descent)

    def learn(self, descent: Descent, ask: Callable[[int, str, str], bool | None]) -> None:
        """Ask git, never inside a transaction. Where it cannot tell, the one does not come before the other as far as
        anybody knows."""
        found = ask(*descent)
        with self._lock:
            self._known[descent] = bool(found)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
