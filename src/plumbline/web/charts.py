"""Where the points of the radar and of the trend are; the templates draw them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.assessments.assess_ledger import Record
    from plumbline.model.assessment import Assessment, GroupGrade, ItemGrade
    from plumbline.model.words import Words

_CENTRE = (260.0, 165.0)
_RADIUS = 115.0
_WIDEST = 22  # letters in one line of the name of an axis
_STEP, _ROW, _LEFT, _TOP = 56, 24, 44, 14  # of the trend


@dataclass(frozen=True, slots=True)
class Axis:
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
    """Means over the items of each area, proven and possible; None where there are fewer than three to draw."""
    parts = _parts(made)
    if len(parts) < 3:
        return None
    order = [level for level, _ in made.levels]
    shares = [(_mean(items, order, "level"), _mean(items, order, "ceiling")) for _, items in parts]
    most = len(order)
    axes = []
    for place, (name, _) in enumerate(parts):
        x, y = _point(place, len(parts), 1.12)
        anchor = "middle" if abs(x - _CENTRE[0]) < 20 else "start" if x > _CENTRE[0] else "end"
        lines = tuple(wrap(str(name), _WIDEST)) or (str(name),)
        top = y + 4 - (14 * (len(lines) - 1) if y < _CENTRE[1] - _RADIUS else 0)
        axes.append(Axis(lines, x, top, anchor, _point(place, len(parts), 1)))
    rings = tuple(_polygon([ring / most] * len(parts)) for ring in range(1, most + 1))
    ticks = tuple((_CENTRE[0] + 4, _CENTRE[1] - _RADIUS * rank / most + 4, id_) for rank, id_ in enumerate(order, 1))
    proven, possible = ([one[side] / most for one in shares] for side in (0, 1))
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
class Trend:
    width: int
    height: int
    rows: tuple[tuple[int, str], ...]
    dots: tuple[Dot, ...]
    line: str


def trend_of(records: Sequence[Record], levels: Sequence[str]) -> Trend | None:
    """``records`` newest first, of one node and standard; None where there are fewer than two."""
    if len(records) < 2:
        return None
    height = _TOP * 2 + _ROW * len(levels)

    def y(level: str) -> int:
        return height - _TOP - _ROW * _rank(level, levels)

    newest = list(reversed(records[:20]))
    dots = tuple(Dot(_LEFT + 20 + _STEP * place, y(one.grade), y(one.ceiling), one) for place, one in enumerate(newest))
    return Trend(
        width=_LEFT + 40 + _STEP * (len(dots) - 1),
        height=height,
        rows=tuple((y(level), level or "–") for level in ("", *levels)),
        dots=dots,
        line=" ".join(f"{dot.x},{dot.low}" for dot in dots),
    )
