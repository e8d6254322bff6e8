"""The organisation tree, a node of it, and the variables set there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.access import Permission
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.tree import INSTANCE, NodeKind
from plumbline.web.estate import KINDS, find, line_of, where
from plumbline.web.limits import checked_line
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.pages.project import settings
from plumbline.web.panels import HALF_DONE, beginning, credentials_of, keeps, variables_of, written_variable
from plumbline.web.settings import settings_of

if TYPE_CHECKING:
    from plumbline.model.server import StoredPipeline
    from plumbline.model.tree import Node
    from plumbline.web.page import Page

_ADDING = (Permission.PROJECT_CREATE, Permission.TREE_WRITE)


@dataclass(frozen=True, slots=True)
class Leaf:
    node: Node
    depth: int
    kind: Text
    pipeline: StoredPipeline | None


@shows("/tree")
def tree(ask: Ask) -> Shown:
    nodes = ask.desk.nodes(ask.visitor)
    by_id = {node.id: node for node in nodes}
    latest = ask.desk.latest(ask.visitor)
    leaves = [
        Leaf(node, min(6, len(line_of(node, by_id)) - 1), KINDS[node.kind], latest.get(node.id)) for node in nodes
    ]
    above = [node for node in nodes if node.kind is not NodeKind.PROJECT and not node.archived]
    parents = where(ask, above, *_ADDING)
    shapes = ask.desk.may(ask.visitor, Permission.TREE_WRITE, INSTANCE)
    every_kind = shapes or bool(where(ask, above, Permission.TREE_WRITE))
    kinds = [kind for kind in KINDS if kind is NodeKind.PROJECT or every_kind]
    values = {
        "nodes": leaves,
        "parents": parents,
        "top": shapes,
        "kinds": [(kind.value, KINDS[kind]) for kind in kinds],
        "chosen": (NodeKind.PROJECT if nodes else NodeKind.ORGANISATION).value,
        "below": ask.number("below", parents[0].id if len(parents) == 1 else 0),
        "command": api_command("/nodes"),
        **beginning(ask, nodes),
    }
    return Shown("tree.html", values)


@does("/tree")
@keeps(tree)
def add(ask: Ask) -> Redirect:
    try:
        kind = NodeKind(ask.text("kind"))
    except ValueError:
        raise PlumblineError("invalid-request", t("Choose a kind."), kind=ErrorKind.CONFIGURATION) from None
    title, url = checked_line(ask.text("title")), ask.text("url").strip()
    node = ask.desk.add_node(ask.visitor, ask.number("parent") or None, kind, ask.text("name").strip(), title)
    if kind is not NodeKind.PROJECT:
        return Redirect(f"/tree?below={node.id}#node-{node.id}")
    if url:
        _bind(ask, node, url)
    return Redirect(f"/projects/{node.id}")


def _bind(ask: Ask, node: Node, url: str) -> None:
    try:
        ask.desk.bind(ask.visitor, node.id, "git", url, 0, "")
    except PlumblineError as error:
        if error.code == "not-allowed":
            raise
        message = t(
            "The project {path} is there now, but without a repository: {reason}", path=node.path, reason=error.message
        )
        raise PlumblineError(HALF_DONE, message, t("Bind one under its settings."), kind=error.kind) from error


@shows("/nodes/{node:int}")
def one(ask: Ask) -> Shown | Redirect:
    node, ancestors = find(ask, ask.numbers["node"])
    if node.kind is NodeKind.PROJECT:
        return Redirect(f"/projects/{node.id}")
    values = {
        "node": node,
        "line": ancestors,
        "line_links": False,
        "kind": KINDS[node.kind],
        "command": api_command(f"/nodes/{node.id}"),
        "below": [each for each in ask.desk.nodes(ask.visitor) if each.parent == node.id],
        "kinds": KINDS,
        "latest": ask.desk.latest(ask.visitor),
        "may_add": not node.archived and any(ask.desk.may(ask.visitor, one, node.id) for one in _ADDING),
        "grades": ask.desk.may(ask.visitor, Permission.ASSESSMENT_VIEW, node.id),
        "reads_ledger": ask.desk.may(ask.visitor, Permission.LEDGER_READ, INSTANCE),
        **variables_of(ask, node.id),
        **credentials_of(ask, ancestors),
        **settings_of(ask, ancestors),
    }
    return Shown("node.html", {**values, "writes": values["writes_variables"]})


def page_of_settings(ask: Ask) -> Page:
    """Where variables and credentials of a node are set."""
    return settings if find(ask, ask.numbers["node"])[0].kind is NodeKind.PROJECT else one


@does("/nodes/{node:int}/variables")
@keeps(page_of_settings)
def put_variable(ask: Ask) -> Redirect:
    ask.desk.put_variable(ask.visitor, *written_variable(ask, ask.numbers["node"]))
    return _back(ask)


@does("/nodes/{node:int}/variables/remove")
def remove_variable(ask: Ask) -> Redirect:
    ask.desk.remove_variable(ask.visitor, ask.numbers["node"], ask.text("name"), ask.text("scope"))
    return _back(ask)


def _back(ask: Ask) -> Redirect:
    node, _ = find(ask, ask.numbers["node"])
    project = node.kind is NodeKind.PROJECT
    return Redirect(f"/projects/{node.id}/settings" if project else f"/nodes/{node.id}#variables")


PART = (tree, add, one, put_variable, remove_variable)
