"""The wall: one tile for every project, readable from across the room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.pipelines.read import latest_pipelines
from plumbline.flow.tree.read_tree import list_nodes
from plumbline.kernel import t
from plumbline.model.job import State
from plumbline.model.tree import NodeKind
from plumbline.web.jobs import summary
from plumbline.web.page import Ask, Shown, api_command, shows
from plumbline.web.panels import beginning
from plumbline.web.places import Entry, Group, Where
from plumbline.web.states import NONE, look_of
from plumbline.web.tree import ancestors_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.model.server import StoredPipeline
    from plumbline.model.tree import Node


DENSE = 40  # tiles; where there are more, they are drawn small, and what failed stands first
ALARMS = 12  # failed ones that are drawn large
FAILED = str(State.FAILED)


@dataclass(frozen=True, slots=True)
class Tile:
    node: Node
    look: str
    pipeline: StoredPipeline | None
    system: str = ""  # what the project belongs to, where the group does not say it


@dataclass(frozen=True, slots=True)
class Wall:
    """The projects of one product line, or of what stands in its place. ``ancestors``: the way to it from the top."""

    ancestors: tuple[Node, ...]
    tiles: list[Tile]


_DRAWN = "M2.5 7.5L8 2.5l5.5 5v6h-11z"


@shows("/", use_case=(use_cases.LIST_NODES, use_cases.LIST_PIPELINES), entries=(
    Entry("home", t("Home"), Group.OVERVIEW, Where.ESTATE, drawn=_DRAWN),))  # fmt: skip
def home(ask: Ask) -> Shown:
    nodes = list_nodes(ask.actor, ask.tools.tree)
    found = groups(nodes, latest_pipelines(ask.actor, ask.tools.pipelines))
    tiles = [tile for group in found for tile in group.tiles]
    failed = sorted((tile for tile in tiles if tile.look == FAILED), key=_ended, reverse=True)
    dense = len(tiles) > DENSE
    return Shown(
        "home.html",
        {
            "groups": found,
            "tally": summary([tile.look for tile in tiles]),
            "dense": dense,
            "pace": 1 + len(tiles) // 100,  # seconds between two looks: a large wall takes longer to make
            "alarms": failed[:ALARMS] if dense else [],
            "quiet_alarms": max(0, len(failed) - ALARMS) if dense else 0,
            "kiosk": ask.text("kiosk") == "1",
            "command": api_command("/pipelines"),
            **({} if found else beginning(ask)),
        },
    )


def groups(nodes: Sequence[Node], latest: Mapping[int, StoredPipeline]) -> list[Wall]:
    """Projects by what stands above their system: systems with a project or two would each take a row of the wall."""
    by_id = {node.id: node for node in nodes}
    found: dict[int | None, Wall] = {}
    for node in nodes:
        if node.kind is not NodeKind.PROJECT or node.archived:
            continue
        ancestors = list(ancestors_of(node, by_id)[:-1])
        systems: list[str] = []
        while len(ancestors) > 1 and ancestors[-1].kind is NodeKind.SYSTEM:
            system = ancestors.pop()
            systems.insert(0, system.title or system.name)
        pipeline = latest.get(node.id)
        group = found.setdefault(ancestors[-1].id if ancestors else None, Wall(tuple(ancestors), []))
        looks = look_of(pipeline) if pipeline else NONE
        group.tiles.append(Tile(node, looks, pipeline, " / ".join(systems)))
    return list(found.values())


def _ended(tile: Tile) -> int:
    return (tile.pipeline.finished or tile.pipeline.created) if tile.pipeline else 0


PART = (home,)
