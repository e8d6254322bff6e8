"""The wall: one tile for every project of the estate, readable from across the room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.model.job import State
from plumbline.model.tree import NodeKind
from plumbline.web.estate import line_of
from plumbline.web.jobs import summary
from plumbline.web.page import Ask, Shown, api_command, shows
from plumbline.web.panels import beginning
from plumbline.web.states import NONE, look_of

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
class Group:
    """The projects of one product line, or of what stands in its place. ``line`` is the way to it from the top."""

    line: tuple[Node, ...]
    tiles: list[Tile]


@shows("/")
def home(ask: Ask) -> Shown:
    nodes = ask.desk.nodes(ask.visitor)
    found = groups(nodes, ask.desk.latest(ask.visitor))
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
            **beginning(ask, nodes),
        },
    )


def groups(nodes: Sequence[Node], latest: Mapping[int, StoredPipeline]) -> list[Group]:
    """Projects by what stands above their system: systems with a project or two would each take a row of the wall."""
    by_id = {node.id: node for node in nodes}
    found: dict[int | None, Group] = {}
    for node in nodes:
        if node.kind is not NodeKind.PROJECT or node.archived:
            continue
        line = list(line_of(node, by_id)[:-1])
        systems: list[str] = []
        while len(line) > 1 and line[-1].kind is NodeKind.SYSTEM:
            system = line.pop()
            systems.insert(0, system.title or system.name)
        pipeline = latest.get(node.id)
        group = found.setdefault(line[-1].id if line else None, Group(tuple(line), []))
        looks = look_of(pipeline) if pipeline else NONE
        group.tiles.append(Tile(node, looks, pipeline, " / ".join(systems)))
    return list(found.values())


def _ended(tile: Tile) -> int:
    return (tile.pipeline.finished or tile.pipeline.created) if tile.pipeline else 0


PART = (home,)
