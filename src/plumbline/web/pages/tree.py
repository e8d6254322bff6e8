"""The organisation tree, a node of it, and the variables set there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.pipelines.read import latest_pipelines
from plumbline.flow.tree import variables
from plumbline.flow.tree.manage_tree import add_node
from plumbline.flow.tree.read_tree import list_nodes, permitted, view_node, where_to_add
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.tree import Node, NodeKind
from plumbline.web.limits import checked_line
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import credentials_of, keeps, links_of, variables_of, written_variable
from plumbline.web.settings import settings_of
from plumbline.web.tree import KINDS, ancestors_of, find, settings_address

if TYPE_CHECKING:
    from plumbline.model.server import StoredPipeline

_ADDING = (use_cases.CREATE_PROJECT, use_cases.CREATE_NODE)


@dataclass(frozen=True, slots=True)
class Leaf:
    node: Node
    depth: int
    kind: Text
    pipeline: StoredPipeline | None


@shows("/tree", use_case=(use_cases.LIST_NODES, use_cases.LIST_PIPELINES))
def tree(ask: Ask) -> Shown:
    nodes = list_nodes(ask.actor, ask.tools.tree)
    by_id = {node.id: node for node in nodes}
    latest = latest_pipelines(ask.actor, ask.tools.pipelines)
    leaves = [
        Leaf(node, min(6, len(ancestors_of(node, by_id)) - 1), KINDS[node.kind], latest.get(node.id)) for node in nodes
    ]
    adding = where_to_add(ask.actor, ask.tools.tree)
    values = {
        "nodes": leaves,
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


@shows("/nodes/{node:int}", use_case=(
    use_cases.VIEW_NODE, use_cases.LIST_PIPELINES, use_cases.LIST_VARIABLES, use_cases.LIST_CREDENTIALS))  # fmt: skip
def one(ask: Ask) -> Shown | Redirect:
    found = view_node(ask.actor, ask.tools.tree, ask.numbers["node"])
    node, ancestors = found.ancestors[0], tuple(reversed(found.ancestors))
    if node.kind is NodeKind.PROJECT:
        return Redirect(f"/projects/{node.id}")
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": False,
        "kind": KINDS[node.kind],
        "command": api_command(f"/nodes/{node.id}"),
        "below": found.children,
        "kinds": KINDS,
        "latest": latest_pipelines(ask.actor, ask.tools.pipelines),
        "may_add": any(permitted(ask.actor, ask.tools.tree, node.id, *_ADDING)),
        **links_of(ask, node.id),
        **variables_of(ask, node.id),
        **credentials_of(ask, ancestors),
        **settings_of(ask, ancestors),
    }
    return Shown("node.html", {**values, "writes": values["writes_variables"]})


@does("/nodes/{node:int}/variables", use_case=use_cases.WRITE_VARIABLE)
@keeps(settings_address)
def put_variable(ask: Ask) -> Redirect:
    variables.put_variable(ask.actor, ask.tools.tree, *written_variable(ask, ask.numbers["node"]))
    return _back(ask)


@does("/nodes/{node:int}/variables/remove", use_case=use_cases.REMOVE_VARIABLE)
def remove_variable(ask: Ask) -> Redirect:
    name, scope = ask.text("name"), ask.text("scope")
    variables.remove_variable(ask.actor, ask.tools.tree, ask.numbers["node"], name, scope)
    return _back(ask)


def _back(ask: Ask) -> Redirect:
    node, _ = find(ask, ask.numbers["node"])
    project = node.kind is NodeKind.PROJECT
    return Redirect(f"/projects/{node.id}/settings" if project else f"/nodes/{node.id}#variables")


PART = (tree, add, one, put_variable, remove_variable)
