"""The organisation tree as pages show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.tree.read_tree import view_ancestors
from plumbline.kernel import Text, t
from plumbline.model.change import Event
from plumbline.model.tree import NodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.model.tree import Node
    from plumbline.web.page import Ask

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
