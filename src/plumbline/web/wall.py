"""The estate as tiles: one for every project, by what stands above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.flow.pipelines.standings import NOTHING
from plumbline.model.job import State
from plumbline.model.tree import NodeKind, in_use
from plumbline.web.jobs import rank, summary
from plumbline.web.states import NONE, look_of
from plumbline.web.tree import ancestors_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from plumbline.flow.pipelines.standings import Standing
    from plumbline.model.server import PipelineBrief
    from plumbline.model.tree import Node

DENSE = 40  # tiles; where there are more, they are drawn small, and what failed stands first
LARGE = 100  # tiles; where there are more, home shows parts of the organisation
ALARMS = 12  # failed ones that are drawn large
FAILED = str(State.FAILED)


@dataclass(frozen=True, slots=True)
class Tile:
    """``other``: what is newer than the pipeline of the default branch, and of another ref."""

    node: Node
    look: str
    pipeline: PipelineBrief | None
    system: str = ""  # what the project belongs to, where the group does not say it
    other: PipelineBrief | None = None
    ancestors: tuple[Node, ...] = ()  # from the top down to the project itself


@dataclass(frozen=True, slots=True)
class StarredTile:
    node: Node
    tiles: list[Tile]  # of the projects in it

    @property
    def look(self) -> str:
        """The worst one decides."""
        return min((tile.look for tile in self.tiles), key=rank, default=NONE)

    @property
    def tally(self) -> Sequence[tuple[str, int]]:
        return summary([tile.look for tile in self.tiles])


@dataclass(frozen=True, slots=True)
class Wall:
    """The projects of one product line, or of what stands in its place. ``ancestors``: the way to it from the top."""

    ancestors: tuple[Node, ...]
    tiles: list[Tile]

    @property
    def tally(self) -> Sequence[tuple[str, int]]:
        return summary([tile.look for tile in self.tiles])


def walls(nodes: Sequence[Node], standings: Mapping[int, Standing]) -> list[Wall]:
    """Projects by what stands above their system: systems with a project or two would each take a row of the wall."""
    by_id = {node.id: node for node in nodes}
    found: dict[int | None, Wall] = {}
    for node in in_use(nodes, nodes):
        if node.kind is not NodeKind.PROJECT:
            continue
        whole = ancestors_of(node, by_id)
        ancestors = list(whole[:-1])
        systems: list[str] = []
        while len(ancestors) > 1 and ancestors[-1].kind is NodeKind.SYSTEM:
            system = ancestors.pop()
            systems.insert(0, system.title or system.name)
        stands = standings.get(node.id, NOTHING)
        group = found.setdefault(ancestors[-1].id if ancestors else None, Wall(tuple(ancestors), []))
        looks = look_of(stands.trunk) if stands.trunk else NONE
        group.tiles.append(Tile(node, looks, stands.trunk, " / ".join(systems), stands.other, whole))
    return list(found.values())


def starred_tiles(starred: Sequence[int], nodes: Sequence[Node], found: Sequence[Wall]) -> list[StarredTile]:
    """What somebody starred of these nodes, in their order: of a project its tile, of anything above how its projects
    are."""
    by_id = {node.id: node for node in nodes}
    below: dict[int, list[Tile]] = {}
    for tile in (tile for group in found for tile in group.tiles):
        for node in tile.ancestors:
            below.setdefault(node.id, []).append(tile)
    return [StarredTile(by_id[one], below.get(one, [])) for one in starred if one in by_id]


def wall_values(found: Sequence[Wall], node: int = 0, look: str = "") -> dict[str, object]:
    """What the templates of walls need. ``node`` and ``look``: of the projects below it, and those that look so, alone;
    they are counted by their looks all the same."""
    if node:
        found = _kept(found, lambda tile: any(node == one.id for one in tile.ancestors))
    every = [tile for group in found for tile in group.tiles]
    if look:
        found = _kept(found, lambda tile: tile.look == look)
    tiles = [tile for group in found for tile in group.tiles]
    failed = sorted((tile for tile in tiles if tile.look == FAILED), key=_ended, reverse=True)
    dense = len(tiles) > DENSE
    return {
        "groups": found,
        "tally": summary([tile.look for tile in every]),
        "look": look,
        "within": node,
        "dense": dense,
        "large": len(tiles) > LARGE,
        "pace": 1 + len(tiles) // 100,  # seconds between two looks: a large wall takes longer to make
        "alarms": failed[:ALARMS] if dense else [],
        "quiet_alarms": max(0, len(failed) - ALARMS) if dense else 0,
    }


def _kept(found: Sequence[Wall], fits: Callable[[Tile], bool]) -> list[Wall]:
    groups = [Wall(group.ancestors, [tile for tile in group.tiles if fits(tile)]) for group in found]
    return [group for group in groups if group.tiles]


def _ended(tile: Tile) -> int:
    return (tile.pipeline.finished or tile.pipeline.created) if tile.pipeline else 0
