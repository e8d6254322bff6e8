"""The name and the place of a node: give it another one, or let it go."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.flow.tree.move_node import delete_node, move_node
from plumbline.flow.tree.read_tree import placing
from plumbline.model.tree import NodeKind
from plumbline.web.limits import checked_line
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import keeps
from plumbline.web.tree import KINDS, find

_MOVING = (use_cases.RENAME_NODE, use_cases.RENAME_PROJECT, use_cases.MOVE_NODE)


@shows("/nodes/{node:int}/place", use_case=use_cases.VIEW_NODE, inside="settings")
def place(ask: Ask) -> Shown:
    node, ancestors = find(ask, ask.numbers["node"])
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "kind": KINDS[node.kind],
        "project": node.kind is NodeKind.PROJECT,
        "placing": placing(ask.actor, ask.tools.tree, node.id),
        "command": api_command(f"/nodes/{node.id}"),
    }
    return Shown("move.html", values)


@does("/nodes/{node:int}/place", use_case=_MOVING)
@keeps(place)
def move(ask: Ask) -> Redirect:
    """``old_path``: what was typed to say that this very node is meant."""
    node, name = ask.numbers["node"], checked_line(ask.text("new_name")).strip()
    parent = ask.number("parent") or None
    was = checked_line(ask.text("old_path")).strip()
    moved = move_node(ask.actor, ask.tools.tree, node, name=name or None, parent=parent, was=was or "-")
    return Redirect(f"/nodes/{moved.id}/place")


@does("/nodes/{node:int}/delete", use_case=use_cases.DELETE_NODE)
@keeps(place)
def delete(ask: Ask) -> Redirect:
    node, _ = find(ask, ask.numbers["node"])
    delete_node(ask.actor, ask.tools.tree, node.id, checked_line(ask.text("gone_path")).strip() or "-")
    return Redirect(f"/nodes/{node.parent}" if node.parent else "/tree")


PART = (place, move, delete)
