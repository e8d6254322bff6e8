"""Where the bars of runs and the line of a share over time are; templates draw them. Both begin at zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from plumbline.web.words import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEFT, _TOP, _HEIGHT, _DAYS = 46, 8, 96, 20  # of both charts; below stand the days
_STEP, _BAR = 22, 14
_LEAST = 1.5  # of a part that is there at all


class Run(NamedTuple):
    """One bar: where it leads, what is said of it, and its parts from zero up (class of its colour, number)."""

    path: str
    said: str
    time: int
    parts: Sequence[tuple[str, int]]


class Point(NamedTuple):
    """One point of a line; ``share`` from 0 to 1."""

    path: str
    said: str
    time: int
    share: float
    changed: bool = False  # it is defined in another way than the one before


class Part(NamedTuple):
    look: str
    y: float
    height: float


class Bar(NamedTuple):
    x: int
    run: Run
    parts: tuple[Part, ...]


class Dot(NamedTuple):
    x: int
    y: float
    point: Point


@dataclass(frozen=True, slots=True)
class Series:
    """``rows``: lines of the ground with what stands at them. ``days``: where what stands below is, with the day."""

    width: int
    height: int
    rows: tuple[tuple[float, str], ...]
    days: tuple[tuple[int, str], ...]
    bars: tuple[Bar, ...] = ()
    dots: tuple[Dot, ...] = ()
    line: str = ""

    @property
    def foot(self) -> int:
        return self.height - 5


def bars_of(runs: Sequence[Run], unit: str = "") -> Series | None:
    """``runs``: the oldest first; ``unit``: behind the largest number. None: there is nothing to draw."""
    most = max((sum(count for _, count in run.parts) for run in runs), default=0)
    if not most:
        return None
    made = []
    for place, run in enumerate(runs):
        y, parts = float(_TOP + _HEIGHT), []
        for look, count in run.parts:
            height = max(_LEAST, count / most * _HEIGHT) if count else 0.0
            y -= height
            if count:
                parts.append(Part(look, round(y, 1), round(height, 1)))
        made.append(Bar(_LEFT + 8 + place * _STEP, run, tuple(parts)))
    rows = ((float(_TOP), f"{most:,} {unit}".rstrip()), (float(_TOP + _HEIGHT), "0"))
    return Series(_width(runs), _TOP + _HEIGHT + _DAYS, rows, _days(runs), bars=tuple(made))


def line_of(points: Sequence[Point]) -> Series | None:
    """``points``: the oldest first. The axis goes from 0 to 100 %."""
    if not points:
        return None
    dots = tuple(
        Dot(_LEFT + 15 + place * _STEP, round(_TOP + _HEIGHT * (1 - one.share), 1), one)
        for place, one in enumerate(points)
    )
    rows = tuple((_TOP + _HEIGHT * (1 - share / 100), f"{share} %") for share in (0, 50, 100))
    line = " ".join(f"{dot.x},{dot.y}" for dot in dots)
    return Series(_width(points), _TOP + _HEIGHT + _DAYS, rows, _days(points), dots=dots, line=line)


def _width(row: Sequence[Run | Point]) -> int:
    return _LEFT + 16 + max(4, len(row)) * _STEP


def _days(row: Sequence[Run | Point]) -> tuple[tuple[int, str], ...]:
    """Of every third, so that they do not run into each other; and no day twice."""
    found: list[tuple[int, str]] = []
    for place, one in enumerate(row):
        day = moment(one.time)[5:10]
        if place % 3 == 0 and (not found or found[-1][1] != day):
            found.append((_LEFT + 15 + place * _STEP, day))
    return tuple(found)
