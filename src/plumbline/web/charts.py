"""Where the points of the radar and of the trend are; the templates draw them. Both begin at the lowest level."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.assessments.assess_ledger import Record
    from plumbline.model.assessment import Assessment, GroupGrade, ItemGrade
    from plumbline.model.words import Words

_CENTRE = (260.0, 195.0)
_RADIUS = 128.0
_WIDEST = 14  # letters in one line of the name of an axis
_LINE = 18  # from one line of a name to the next
_STEP, _ROW, _LEFT, _TOP, _DAYS = 72, 24, 44, 26, 22  # of the trend: below its lowest level stand the days


class Area(NamedTuple):
    """``items``: how many there are in it; ``proven`` and ``possible``: their means, in levels."""

    name: str
    items: int
    proven: float
    possible: float


@dataclass(frozen=True, slots=True)
class Axis:
    area: Area
    lines: tuple[str, ...]
    x: float
    y: float
    anchor: str
    end: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Radar:
    axes: tuple[Axis, ...]
    rings: tuple[str, ...]  # one polygon for each level
    proven: str
    possible: str
    ticks: tuple[tuple[float, float, str], ...]


def radar_of(made: Assessment) -> Radar | None:
    """Means over the items of each area; None where there are fewer than three to draw."""
    order = [level for level, _ in made.levels]
    areas = [
        Area(str(name), sum(item.applies for item in items), *(_mean(items, order, of) for of in ("level", "ceiling")))
        for name, items in _parts(made)
    ]
    return drawn(areas, order) if len(areas) >= 3 else None


def drawn(areas: Sequence[Area], levels: Sequence[str]) -> Radar:
    """``levels``: the lowest first."""
    most = len(levels)
    axes = []
    for place, area in enumerate(areas):
        x, y = _point(place, len(areas), 1.15)
        anchor = "middle" if abs(x - _CENTRE[0]) < 20 else "start" if x > _CENTRE[0] else "end"
        lines = tuple(wrap(f"{area.name} ({area.items})", _WIDEST))
        top = y + 5 - (_LINE * (len(lines) - 1) if y < _CENTRE[1] - _RADIUS else 0)
        axes.append(Axis(area, lines, x, top, anchor, _point(place, len(areas), 1)))
    rings = tuple(_polygon([ring / most] * len(areas)) for ring in range(1, most + 1))
    ticks = tuple((_CENTRE[0] + 4, _CENTRE[1] - _RADIUS * rank / most + 4, id_) for rank, id_ in enumerate(levels, 1))
    proven, possible = ([one / most for one in side] for side in zip(*(area[2:] for area in areas), strict=True))
    return Radar(tuple(axes), rings, _polygon(proven), _polygon(possible), ticks)


def _parts(made: Assessment) -> list[tuple[Words, tuple[ItemGrade, ...]]]:
    groups: Sequence[GroupGrade] = made.groups
    while len(groups) < 3 and any(group.groups for group in groups):
        groups = [one for group in groups for one in group.groups or (group,)]
    if len(groups) >= 3:
        return [(group.name, group.every_item()) for group in groups]
    return [(item.name, (item,)) for item in made.every_item()]


def _mean(items: Sequence[ItemGrade], order: Sequence[str], field: str) -> float:
    ranks = [_rank(getattr(item, field), order) for item in items if item.applies]
    return sum(ranks) / len(ranks) if ranks else 0.0


def _rank(level: str, order: Sequence[str]) -> int:
    return order.index(level) + 1 if level in order else 0


def _point(place: int, count: int, share: float) -> tuple[float, float]:
    angle = 2 * math.pi * place / count - math.pi / 2
    return (
        round(_CENTRE[0] + _RADIUS * share * math.cos(angle), 1),
        round(_CENTRE[1] + _RADIUS * share * math.sin(angle), 1),
    )


def _polygon(shares: Sequence[float]) -> str:
    points = (_point(place, len(shares), share) for place, share in enumerate(shares))
    return " ".join(f"{x},{y}" for x, y in points)


@dataclass(frozen=True, slots=True)
class Dot:
    x: int
    low: int
    high: int
    record: Record


@dataclass(frozen=True, slots=True)
class Change:
    """Between two assessments the rule changed, to this version."""

    x: int
    version: str


@dataclass(frozen=True, slots=True)
class Trend:
    width: int
    height: int
    rows: tuple[tuple[int, str], ...]
    dots: tuple[Dot, ...]
    line: str
    changes: tuple[Change, ...]
    days: int  # where the days stand


def trend_of(records: Sequence[Record], levels: Sequence[str]) -> Trend | None:
    """``records`` newest first, of one node and standard; None where there are fewer than two."""
    if len(records) < 2:
        return None
    lowest = _TOP + _ROW * len(levels)

    def y(level: str) -> int:
        return lowest - _ROW * _rank(level, levels)

    newest = list(reversed(records[:20]))
    dots = tuple(Dot(_LEFT + 20 + _STEP * place, y(one.grade), y(one.ceiling), one) for place, one in enumerate(newest))
    changes = tuple(
        Change(after.x - _STEP // 2, after.record.version)
        for before, after in pairwise(dots)
        if before.record.pack != after.record.pack
    )
    return Trend(
        width=_LEFT + 60 + _STEP * (len(dots) - 1),
        height=lowest + _DAYS,
        rows=tuple((y(level), level or "–") for level in ("", *levels)),
        dots=dots,
        line=" ".join(f"{dot.x},{dot.low}" for dot in dots),
        changes=changes,
        days=lowest + _DAYS - 4,
    )
