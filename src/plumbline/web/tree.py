"""The organisation tree as pages show it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from plumbline.flow.tree.read_tree import view_ancestors
from plumbline.kernel import Text, t
from plumbline.model.change import Event
from plumbline.model.tree import NodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.model.tree import Node
    from plumbline.web.page import Ask

MOST_NODES = 300  # on one page
DEEPEST = 6  # levels that are set in further than the one above
KINDS: dict[NodeKind, Text] = {
    NodeKind.ORGANISATION: t("Organisation"),
    NodeKind.BRANCH: t("Branch or subsidiary"),
    NodeKind.PRODUCT_LINE: t("Product line"),
    NodeKind.SYSTEM: t("System"),
    NodeKind.PROJECT: t("Project"),
}
EVENTS: dict[Event, Text] = {
    Event.PUSH: t("push"),
    Event.MERGE_REQUEST: t("merge request"),
    Event.SCHEDULE: t("schedule"),
    Event.WEB: t("by hand"),
    Event.API: t("API"),
    Event.TRIGGER: t("trigger"),
    Event.PIPELINE: t("another pipeline"),
    Event.PARENT: t("parent pipeline"),
}


def ancestors_of(node: Node, by_id: Mapping[int, Node]) -> tuple[Node, ...]:
    """From the top down to the node."""
    found = [node]
    while (parent := found[-1].parent) is not None and parent in by_id:
        found.append(by_id[parent])
    return tuple(reversed(found))


class PartRow(NamedTuple):
    """``depth``: how far it is set in; ``below``: how many below it are left out."""

    node: Node
    depth: int
    below: int


class Part(NamedTuple):
    """``cut``: how many are left out in all."""

    rows: list[PartRow]
    cut: int


def part_of_tree(nodes: Sequence[Node], wanted: str = "", most: int = MOST_NODES) -> Part:
    """What of a tree fits on a page, with the way to all that is shown: what has the ``wanted`` text in its title or
    path; without one, as many levels as there is room for. ``nodes``: by path."""
    by_id = {node.id: node for node in nodes}
    ways = {node.id: ancestors_of(node, by_id) for node in nodes}
    text = wanted.lower()
    hits = [node for node in nodes if text in f"{node.title} {node.path}".lower()] if text else nodes
    if not text and len(nodes) > most:
        sizes = Counter(len(way) for way in ways.values())
        fits = (level for level in sizes if sum(sizes[one] for one in sizes if one <= level) <= most)
        deepest = max(fits, default=1)
        hits = [node for node in nodes if len(ways[node.id]) <= deepest]
    kept = {one.id for node in hits[:most] for one in ways[node.id]}
    left: Counter[int] = Counter()
    for node in nodes:
        if node.id not in kept and not text:
            left[next((one.id for one in reversed(ways[node.id]) if one.id in kept), 0)] += 1
    rows = [PartRow(node, min(DEEPEST, len(ways[node.id]) - 1), left[node.id]) for node in nodes if node.id in kept]
    return Part(rows, max(0, len(hits) - most) if text else len(nodes) - len(rows))


def find(ask: Ask, node: int) -> tuple[Node, tuple[Node, ...]]:
    """A node, and the way to it from the top. PlumblineError ``not-found`` where the actor sees none."""
    ancestors = view_ancestors(ask.actor, ask.tools.tree, node)
    return ancestors[0], tuple(reversed(ancestors))


def settings_address(ask: Ask) -> str:
    """Of the page where what is set at a node is set."""
    project = find(ask, ask.numbers["node"])[0].kind is NodeKind.PROJECT
    return "/projects/{node:int}/settings" if project else "/nodes/{node:int}/settings"


def place(node: int, by_id: Mapping[int, Node]) -> Text | str:
    """What to call a node, or the installation."""
    if node == 0:
        return t("everywhere")
    return by_id[node].path if node in by_id else f"#{node}"
