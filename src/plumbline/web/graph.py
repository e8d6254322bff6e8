"""A pipeline as a drawing: where each box stands and how the lines between them run. Units are pixels.

1. Columns are stages, in their order. With lines, jobs that need others of their own stage stand to the right of these.
2. The instances of a parallel job are one box until somebody unfolds it, as is a pipeline below, under its trigger job.
3. A column of very many boxes shows those first that went wrong, and says how many more there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import Text, t
from plumbline.web.jobs import rank
from plumbline.web.labels import labels, width
from plumbline.web.states import look, look_of, title
from plumbline.web.words import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plumbline.model.server import StoredJob, StoredPipeline
    from plumbline.web.folds import Folds
    from plumbline.web.jobs import JobRow

HEIGHT, GAP_Y, INSET = 34, 10, 16
HEAD = 34  # above the boxes, for the names of the columns
_SIZES = ((3, 208, 56), (4, 190, 44), (99, 168, 36))  # for at most so many columns: width of a box, gap between them
_ICON, _END, _FOLD = 33, 8, 24  # before a name, after it, and what folds
MOST = 120  # boxes that are drawn without being asked for
_FEWEST = 8  # of a column
MOST_BELOW = 60  # jobs of a pipeline below


@dataclass(frozen=True, slots=True)
class Box:
    """``told``: the whole name and how it stands, for those who hover or listen. ``path``: where it leads to; of what
    stands for several, the page with these unfolded or folded. ``fold``: the same beside a box that leads to a page."""

    key: str
    name: str
    label: str
    end: str  # at its right: how long it took, or how many it stands for
    look: str
    path: str
    told: Text | str
    x: int
    y: int
    width: int
    critical: bool = False
    fold: str = ""
    unfolded: bool = False
    turns: bool = False  # it leads nowhere else
    inset: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """From the right side of one box to the left side of another, as the path of an SVG."""

    path: str
    critical: bool


class Column(NamedTuple):
    x: int
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Graph:
    width: int
    height: int
    columns: tuple[Column, ...]
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]

    @property
    def looks(self) -> list[str]:
        return sorted({box.look for box in self.boxes if box.look})


class Below(NamedTuple):
    """A pipeline that a trigger job started. ``jobs``: the newest attempts, where they are unfolded."""

    pipeline: StoredPipeline
    jobs: Sequence[StoredJob] = ()


@dataclass(slots=True)
class _Unit:
    """What stands in a column as one: a job, or the instances of one; with what is unfolded under it."""

    rows: list[JobRow]
    group: list[JobRow]
    column: int = 0
    y: float = 0.0
    needs: set[int] = field(default_factory=set)  # places of other units

    @property
    def folded(self) -> bool:
        return len(self.rows) > 1

    @property
    def heads(self) -> bool:
        """It is the first of an unfolded group."""
        return len(self.group) > len(self.rows) and self.rows[0] is self.group[0]


def draw(rows: Sequence[JobRow], stages: Sequence[str], below: Mapping[int, Below], folds: Folds, now: int) -> Graph:
    """``below``: what trigger jobs started, by the job's id."""
    units = _units(rows, folds)
    columns = _place(units, by_needs=folds.by_needs)
    shown, more = _shown(units, len(columns), folds)
    wide, gap = next((size[1], size[2]) for size in _SIZES if len(columns) <= size[0])
    drawing = _Drawing(wide, gap, below, folds, now)
    for column, stage in enumerate(columns):
        inside = [unit for unit in shown if unit.column == column]
        if folds.by_needs:
            inside = _near_their_needs(inside, units)
        for unit in inside:
            unit.y = drawing.add(column, unit)
        if more.get(column):
            drawing.add_more(column, stage, more[column])
    names = ["" if place and columns[place - 1] == stage else stages[stage] for place, stage in enumerate(columns)]
    cut = labels(names, wide)
    return Graph(
        width=len(columns) * (wide + gap) - gap + (gap if folds.by_needs else 0),
        height=max((box.y + HEIGHT for box in drawing.boxes), default=HEAD) + GAP_Y,
        columns=tuple(Column(place * (wide + gap), name, cut[name]) for place, name in enumerate(names)),
        boxes=drawing.labelled(),
        edges=tuple(_edges(units, shown, drawing)) if folds.by_needs else (),
    )


def _units(rows: Sequence[JobRow], folds: Folds) -> list[_Unit]:
    """In the order of the plan; the instances of a parallel job together."""
    groups: dict[tuple[int, str], list[JobRow]] = {}
    for row in rows:
        groups.setdefault((row.stage, row.group), []).append(row)
    made: list[_Unit] = []
    at: dict[str, int] = {}
    for members in groups.values():
        folded = len(members) > 1 and not folds.shows(group_key(members[0]))
        for part in [members] if folded else [[one] for one in members]:
            at |= {row.name: len(made) for row in part}
            made.append(_Unit(part, members))
    for place, unit in enumerate(made):
        unit.needs = {at[need] for row in unit.rows for need in row.needs or () if need in at} - {place}
    return made


def _place(units: list[_Unit], *, by_needs: bool) -> list[int]:
    """Give each its column; the stage of each column."""
    depths: dict[int, int] = {}

    def depth(place: int) -> int:
        """How many of its own stage have to come before."""
        if place not in depths:
            depths[place] = 0
            own = [one for one in units[place].needs if units[one].rows[0].stage == units[place].rows[0].stage]
            depths[place] = 1 + max(map(depth, own), default=-1)
        return depths[place]

    keys = [(unit.rows[0].stage, depth(place) if by_needs else 0) for place, unit in enumerate(units)]
    used = sorted(set(keys))
    for unit, key in zip(units, keys, strict=True):
        unit.column = used.index(key)
    return [stage for stage, _ in used]


def _shown(units: list[_Unit], columns: int, folds: Folds) -> tuple[list[_Unit], dict[int, int]]:
    """Those that are drawn, and of each column how many more there are."""
    if len(units) <= MOST:
        return units, {}
    most = max(_FEWEST, MOST // max(1, columns))
    kept: list[_Unit] = []
    more: dict[int, int] = {}
    for column in range(columns):
        inside = [unit for unit in units if unit.column == column]
        if len(inside) > most and not folds.shows(stage_key(inside[0].rows[0].stage)):
            more[column] = len(inside) - most
            order = sorted(
                inside, key=lambda unit: (min(rank(row.look) for row in unit.rows), not unit.rows[0].critical)
            )
            chosen = {id(unit) for unit in order[:most]}
            inside = [unit for unit in inside if id(unit) in chosen]
        kept += inside
    return kept, more


def _near_their_needs(units: list[_Unit], every: list[_Unit]) -> list[_Unit]:
    """So that fewer lines cross: by the middle of what each needs, which is drawn already; a group stays together."""
    middles: dict[int, list[float]] = {}
    for place, unit in enumerate(units):
        needed = [every[need].y for need in unit.needs if every[need].y]
        middle = fmean(needed) if needed else HEAD + place * (HEIGHT + GAP_Y)
        middles.setdefault(id(unit.group), []).append(middle)
    return sorted(units, key=lambda unit: fmean(middles[id(unit.group)]))


class _Drawing:
    """Boxes under each other in their columns."""

    def __init__(self, wide: int, gap: int, below: Mapping[int, Below], folds: Folds, now: int) -> None:
        self.boxes: list[Box] = []
        self.wide, self.gap = wide, gap
        self._below, self._folds, self._now = below, folds, now
        self._filled: dict[int, int] = {}

    def add(self, column: int, unit: _Unit) -> int:
        """The box of a unit with what stands under it; where it is."""
        first = unit.rows[0]
        if unit.folded:
            return self._add_group(column, unit.rows)
        if unit.heads:
            self._add_group(column, unit.group, unfolded=True)
        y = self._add(
            column,
            key=first.name,
            name=first.name,
            end=duration(first.length(self._now)) if first.job.started else "",
            look=first.look,
            path=f"/jobs/{first.job.id}",
            told=_told(first.name, first.look, first.why),
            critical=first.critical,
            inset=len(unit.group) > 1,
        )
        found = self._below.get(first.job.id)
        if found is not None:
            self._add_below(column, found)
        return y

    def add_more(self, column: int, stage: int, count: int) -> None:
        key = stage_key(stage)
        said = str(t("{count} more", count=count))
        self._add(column, key=key, name=said, end="", look="", path=self._folds.turned(key), told=said, turns=True)

    def labelled(self) -> tuple[Box, ...]:
        """With names cut to what fits, no two to the same; how long it took gives way to them."""
        cut: dict[float, dict[str, str]] = {}
        for room in sorted({_room(box) for box in self.boxes}):
            taken = [label for done in cut.values() for label in done.values()]
            cut[room] = labels((box.name for box in self.boxes if _room(box) == room), room, taken)
        return tuple(_fitted(box, cut[_room(box)][box.name]) for box in self.boxes)

    def _add_group(self, column: int, rows: Sequence[JobRow], *, unfolded: bool = False) -> int:
        looks = sorted((row.look for row in rows), key=rank)
        key, name = group_key(rows[0]), rows[0].group
        counted = ", ".join(f"{looks.count(one)} {title(one)}" for one in dict.fromkeys(looks))
        return self._add(
            column,
            key=key,
            name=name,
            end=str(len(rows)),
            look=looks[0],
            path=self._folds.turned(key),
            told=t("{name}, {count} jobs: {states}", name=name, count=len(rows), states=counted),
            critical=any(row.critical for row in rows),
            turns=True,
            unfolded=unfolded,
        )

    def _add_below(self, column: int, found: Below) -> None:
        child = found.pipeline
        key, name = below_key(child), _title_of(child)
        opened = self._folds.shows(key)
        self._add(
            column,
            key=key,
            name=name,
            end="",
            look=look_of(child),
            path=f"/pipelines/{child.id}",
            told=t("Downstream pipeline {name}: {state}", name=name, state=title(look_of(child))),
            fold=self._folds.turned(key),
            unfolded=opened,
            inset=True,
        )
        for job in found.jobs[:MOST_BELOW] if opened else ():
            drawn = look(job.state, job.allow_failure)
            self._add(
                column, key=f"{key}/{job.name}", name=job.name, end="", look=drawn, path=f"/jobs/{job.id}",
                told=_told(job.name, drawn, None), inset=True,
            )  # fmt: skip
        if opened and len(found.jobs) > MOST_BELOW:
            said = str(t("{count} more", count=len(found.jobs) - MOST_BELOW))
            self._add(column, key=f"{key}/", name=said, end="", look="", path=f"/pipelines/{child.id}", told=said,
                      inset=True)  # fmt: skip

    def _add(self, column: int, *, key: str, name: str, end: str, look: str, path: str, told: Text | str,
             critical: bool = False, fold: str = "", unfolded: bool = False, turns: bool = False,
             inset: bool = False) -> int:  # fmt: skip
        y = HEAD + self._filled.get(column, 0) * (HEIGHT + GAP_Y)
        self._filled[column] = self._filled.get(column, 0) + 1
        x, wide = column * (self.wide + self.gap), self.wide
        if inset:
            x, wide = x + INSET, wide - INSET
        self.boxes.append(
            Box(key, name, name, end, look, path, told, x, y, wide, critical, fold, unfolded, turns, inset)
        )
        return y


def _room(box: Box) -> float:
    """For the name."""
    kept = width(box.end) + 6 if box.turns and box.end else _FOLD if box.fold else 0
    return box.width - _ICON - _END - kept


def _fitted(box: Box, label: str) -> Box:
    keeps = box.turns or width(label) + width(box.end) + 6 <= _room(box)
    return replace(box, label=label, end=box.end if keeps else "")


def _told(name: str, look: str, why: Text | None) -> Text:
    if why is None:
        return t("{name}: {state}", name=name, state=title(look))
    return t("{name}: {state}. {why}", name=name, state=title(look), why=why)


def _title_of(child: StoredPipeline) -> str:
    return f"#{child.iid} {child.name or child.change.project.name}"


def _edges(units: list[_Unit], shown: list[_Unit], drawing: _Drawing) -> Iterable[Edge]:
    drawn = {id(unit) for unit in shown}
    found = []
    for unit in shown:
        for need in sorted(unit.needs):
            other = units[need]
            if id(other) in drawn:
                critical = any(row.critical for row in other.rows) and any(row.critical for row in unit.rows)
                found.append(Edge(_curve(other, unit, drawing.wide, drawing.gap), critical))
    return sorted(found, key=lambda edge: edge.critical)


def _curve(start: _Unit, end: _Unit, wide: int, gap: int) -> str:
    x1, x2 = start.column * (wide + gap) + wide, end.column * (wide + gap)
    y1, y2 = int(start.y) + HEIGHT // 2, int(end.y) + HEIGHT // 2
    half = gap // 2
    if x2 - x1 <= gap:
        return f"M{x1} {y1}C{x1 + half} {y1} {x2 - half} {y2} {x2} {y2}"
    # Over several columns: along the gap above the target, not through the boxes between.
    lane, last = int(end.y) - GAP_Y // 2, x2 - gap
    first = f"M{x1} {y1}C{x1 + half} {y1} {x1 + half} {lane} {x1 + gap} {lane}"
    return f"{first}L{last} {lane}C{last + half} {lane} {x2 - half} {y2} {x2} {y2}"


def group_key(row: JobRow) -> str:
    return f"g{row.place}"


def stage_key(stage: int) -> str:
    return f"s{stage}"


def below_key(pipeline: StoredPipeline) -> str:
    return f"p{pipeline.id}"
