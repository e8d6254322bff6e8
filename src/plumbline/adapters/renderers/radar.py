"""Where the corners of the radar are: areas around, levels outwards. Drawn by the templates."""

from __future__ import annotations

from math import cos, pi, sin
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.maturity import Report

Point = tuple[float, float]


class Axis(msgspec.Struct, frozen=True):
    """One area: its end, where its name stands, and on which side of that point."""

    name: str
    end: Point
    label: Point
    anchor: str  # start, middle, end


class Radar(msgspec.Struct, frozen=True):
    """In units of the outermost ring, the middle at (0, 0), downwards positive."""

    axes: tuple[Axis, ...]
    rings: tuple[tuple[str, tuple[Point, ...]], ...]  # a level, and its corners
    mean: tuple[Point, ...]
    level: tuple[Point, ...]


def radar(report: Report) -> Radar:
    """Of the areas of a report. A mean that nobody has stands in the middle."""
    count, top = len(report.areas), max(1, len(report.levels))
    return Radar(
        axes=tuple(_axis(area.name, _at(number, count, 1)) for number, area in enumerate(report.areas)),
        rings=tuple(
            (level, _ring([rank / top] * count)) for rank, (level, _) in enumerate(report.levels, 1)
        ),
        mean=_ring([(area.mean or 0) / top for area in report.areas]),
        level=_ring([area.rank / top for area in report.areas]),
    )  # fmt: skip


def _ring(lengths: Sequence[float]) -> tuple[Point, ...]:
    return tuple(_at(number, len(lengths), length) for number, length in enumerate(lengths))


def _at(number: int, count: int, length: float) -> Point:
    angle = 2 * pi * number / count - pi / 2
    return round(length * cos(angle), 4), round(length * sin(angle), 4)


def _axis(name: str, end: Point) -> Axis:
    anchor = "middle" if abs(end[0]) < 0.1 else "start" if end[0] > 0 else "end"
    return Axis(name=name, end=end, label=(round(end[0] * 1.1, 4), round(end[1] * 1.1, 4)), anchor=anchor)
