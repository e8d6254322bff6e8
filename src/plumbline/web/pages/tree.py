"""The organisation tree, and what is added to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.pipelines.standings import NOTHING, project_standings
from plumbline.flow.tree.manage_tree import add_node
from plumbline.flow.tree.read_tree import list_nodes, where_to_add
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.tree import Node, NodeKind
from plumbline.web.limits import checked_line
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import keeps
from plumbline.web.places import Entry, Group, Where
from plumbline.web.tree import KINDS, part_of_tree

if TYPE_CHECKING:
    from plumbline.model.server import PipelineBrief


@dataclass(frozen=True, slots=True)
class Leaf:
    node: Node
    depth: int
    kind: Text
    pipeline: PipelineBrief | None
    below: int  # nodes below it that are not shown


_DRAWN = "M8 2v3M3 11V8h10v3M8 5v6M1.5 11h3v3h-3zM6.5 11h3v3h-3zM11.5 11h3v3h-3z"


@shows("/tree", use_case=(use_cases.LIST_NODES, use_cases.LIST_PIPELINES), entries=(
    Entry("tree", t("Organisation"), Group.OVERVIEW, Where.ESTATE, order=2, drawn=_DRAWN),))  # fmt: skip
def tree(ask: Ask) -> Shown:
    nodes = list_nodes(ask.actor, ask.tools.tree)
    standings = project_standings(ask.actor, ask.tools.pipelines)
    find = ask.text("find").strip()
    part = part_of_tree(nodes, find)
    leaves = [
        Leaf(node, depth, KINDS[node.kind], standings.get(node.id, NOTHING).trunk, below)
        for node, depth, below in part.rows
    ]
    adding = where_to_add(ask.actor, ask.tools.tree)
    values = {
        "nodes": leaves,
        "whole": len(nodes),
        "cut": part.cut,
        "find": find,
        "parents": adding.below,
        "top": adding.top,
        "kinds": [(kind.value, title) for kind, title in KINDS.items() if adding.groups or kind is NodeKind.PROJECT],
        "chosen": (NodeKind.PROJECT if nodes else NodeKind.ORGANISATION).value,
        "below": ask.number("below", adding.below[0].id if len(adding.below) == 1 else 0),
        "forges": ask.tools.tree.forges.values(),
        "command": api_command("/nodes"),
        "no_role": not ask.actor.grants,
        "adds": bool(adding),
    }
    return Shown("tree.html", values)


@does("/tree", use_case=(use_cases.CREATE_NODE, use_cases.CREATE_PROJECT, use_cases.BIND_REPOSITORY))
@keeps(tree)
def add(ask: Ask) -> Redirect:
    try:
        kind = NodeKind(ask.text("kind"))
    except ValueError:
        raise PlumblineError("invalid-request", t("Choose a kind."), kind=ErrorKind.CONFIGURATION) from None
    project = kind is NodeKind.PROJECT
    given = Node(
        id=0,
        kind=kind,
        name=ask.text("name").strip(),
        path="",
        parent=ask.number("parent") or None,
        title=checked_line(ask.text("title")),
    )
    url = ask.text("url").strip() if project else ""
    node = add_node(ask.actor, ask.tools.tree, given, url=url, forge=ask.text("forge") or "git")
    if url:
        return Redirect(f"/projects/{node.id}/connection")
    return Redirect(f"/projects/{node.id}" if project else f"/tree?below={node.id}#node-{node.id}")


PART = (tree, add)
