"""The wall: one tile for every project of the estate, readable from across the room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.model import NodeKind
from plumbline.web.estate import line_of
from plumbline.web.jobs import summary
from plumbline.web.page import Ask, Shown, api_command, shows
from plumbline.web.states import NONE, look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.model import Node, StoredPipeline


@dataclass(frozen=True, slots=True)
class Tile:
    node: Node
    look: str
    pipeline: StoredPipeline | None


@dataclass(frozen=True, slots=True)
class Group:
    """The projects below one node. ``line`` is the way to it from the top."""

    line: tuple[Node, ...]
    tiles: list[Tile]


@shows("/")
def home(ask: Ask) -> Shown:
    nodes = ask.desk.nodes(ask.visitor)
    latest = ask.desk.latest(ask.visitor)
    found = groups(nodes, latest)
    tally = summary([tile.look for group in found for tile in group.tiles])
    return Shown(
        "home.html",
        {"groups": found, "tally": tally, "kiosk": ask.text("kiosk") == "1", "command": api_command("/pipelines")},
    )


def groups(nodes: Sequence[Node], latest: Mapping[int, StoredPipeline]) -> list[Group]:
    by_id = {node.id: node for node in nodes}
    found: dict[int | None, Group] = {}
    for node in nodes:
        if node.kind is not NodeKind.PROJECT or node.archived:
            continue
        pipeline = latest.get(node.id)
        group = found.setdefault(node.parent, Group(line_of(node, by_id)[:-1], []))
        group.tiles.append(Tile(node, look(pipeline.state) if pipeline else NONE, pipeline))
    return list(found.values())


PART = (home,)
