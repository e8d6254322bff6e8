"""A pipeline as a drawing: where each job's box stands and how the lines between them run. Units are pixels."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.web.jobs import JobRow

WIDTH, HEIGHT = 208, 34
GAP_X, GAP_Y = 60, 10
HEAD = 34  # above the boxes, for the names of the columns
_SHOWN = 21  # half-width letters of a name that fit


@dataclass(frozen=True, slots=True)
class Box:
    row: JobRow
    x: int
    y: int
    label: str


@dataclass(frozen=True, slots=True)
class Edge:
    """From the right side of one box to the left side of another, as the path of an SVG."""

    path: str
    critical: bool


@dataclass(frozen=True, slots=True)
class Graph:
    width: int
    height: int
    columns: tuple[tuple[int, str], ...]  # x and name; the name is empty by dependencies
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]


def draw(rows: Sequence[JobRow], stages: Sequence[str], *, by_needs: bool) -> Graph:
    """Columns are stages; ``by_needs``: how many jobs have to come before."""
    place = _depths(rows) if by_needs else {row.name: row.stage for row in rows}
    used = sorted(set(place.values()))
    column_of = {value: column for column, value in enumerate(used)}
    filled = [0] * len(used)
    boxes: dict[str, Box] = {}
    for row in rows:
        column = column_of[place[row.name]]
        y = HEAD + filled[column] * (HEIGHT + GAP_Y)
        filled[column] += 1
        boxes[row.name] = Box(row, column * (WIDTH + GAP_X), y, shortened(row.name))
    names = ["" for _ in used] if by_needs else [stages[value] for value in used]
    return Graph(
        width=max(1, len(used) * (WIDTH + GAP_X)),  # room for lines around the last column
        height=HEAD + max(filled, default=0) * (HEIGHT + GAP_Y),
        columns=tuple((column * (WIDTH + GAP_X), name) for column, name in enumerate(names)),
        boxes=tuple(boxes.values()),
        edges=tuple(_edges(boxes)),
    )


def _depths(rows: Sequence[JobRow]) -> dict[str, int]:
    """How long the longest chain of jobs before each one is. Needs are in the same or an earlier stage."""
    depths: dict[str, int] = {}
    deepest: dict[int, int] = {}  # stage -> depth of its deepest job
    by_name = {row.name: row for row in rows}

    def depth(row: JobRow) -> int:
        if row.name in depths:
            return depths[row.name]
        depths[row.name] = 0
        if row.needs is not None:
            found = 1 + max((depth(by_name[need]) for need in row.needs), default=-1)
        else:
            found = 1 + max((value for stage, value in deepest.items() if stage < row.stage), default=-1)
        depths[row.name] = found
        deepest[row.stage] = max(found, deepest.get(row.stage, 0))
        return found

    for row in sorted(rows, key=lambda row: row.stage):
        depth(row)
    return depths


def _edges(boxes: dict[str, Box]) -> list[Edge]:
    found = []
    for box in boxes.values():
        for need in box.row.needs or ():
            other = boxes[need]
            found.append(Edge(_curve(other, box), other.row.critical and box.row.critical))
    return sorted(found, key=lambda edge: edge.critical)


def _curve(start: Box, end: Box) -> str:
    x1, y1, y2 = start.x + WIDTH, start.y + HEIGHT // 2, end.y + HEIGHT // 2
    if end.x <= start.x:  # in one stage: around the right side
        return f"M{x1} {y1}C{x1 + 34} {y1} {x1 + 34} {y2} {end.x + WIDTH} {y2}"
    half = GAP_X // 2
    if end.x - x1 <= GAP_X:
        return f"M{x1} {y1}C{x1 + half} {y1} {end.x - half} {y2} {end.x} {y2}"
    # Over several columns: along the gap above the target, not through the boxes between.
    lane = end.y - GAP_Y // 2
    last = end.x - GAP_X
    first = f"M{x1} {y1}C{x1 + half} {y1} {x1 + half} {lane} {x1 + GAP_X} {lane}"
    return f"{first}L{last} {lane}C{last + half} {lane} {end.x - half} {y2} {end.x} {y2}"


def shortened(name: str) -> str:
    """A name cut to what fits into a box; the letters of East Asia are twice as wide."""
    width = 0
    for place, letter in enumerate(name):
        width += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if width > _SHOWN and place < len(name) - 1:
            return name[:place] + "…"
    return name
