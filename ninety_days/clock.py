"""The clock of the story, and what is to happen when."""

from __future__ import annotations

import heapq
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
BEGIN = datetime(2026, 5, 30, tzinfo=UTC)  # a Saturday; the same in every story, so that its windows are the same too


class Clock:
    """Microseconds since the epoch; it stands still between what happens, and never goes back."""

    def __init__(self) -> None:
        self.now = at(0)

    def __call__(self) -> int:
        return self.now

    def to(self, time: int) -> None:
        self.now = max(self.now, time)

    def forward(self, span: int) -> None:
        self.now += span

    @property
    def text(self) -> str:
        """As events and forges write it."""
        return text(self.now)


class Agenda:
    """What is to happen, each at its time; what happens may add more."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._todo: list[tuple[int, int, Callable[[], object]]] = []
        self._order = count()

    def at(self, time: int, act: Callable[[], object]) -> None:
        heapq.heappush(self._todo, (time, next(self._order), act))

    def after(self, span: int, act: Callable[[], object]) -> None:
        self.at(self.clock.now + span, act)

    def run(self, until: int, after: Callable[[], object]) -> None:
        """``after`` is called after each."""
        while self._todo and self._todo[0][0] < until:
            time, _, act = heapq.heappop(self._todo)
            self.clock.to(time)
            act()
            after()
        self.clock.to(until)


def at(day: int, hour: float = 0.0) -> int:
    """A moment of the story: day 0 is its first."""
    return int((BEGIN + timedelta(days=day, hours=hour)).timestamp() * SECOND)


def text(time: int) -> str:
    return datetime.fromtimestamp(time / SECOND, UTC).isoformat(timespec="milliseconds")


def is_working_day(day: int) -> bool:
    return (BEGIN + timedelta(days=day)).weekday() < 5
