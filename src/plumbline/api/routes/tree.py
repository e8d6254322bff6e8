"""The organisation tree: organisations, branches, product lines, systems and projects."""

from __future__ import annotations

import msgspec

from plumbline.access import AnySetting, Permission, SettingKind, effective_settings, use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Id, Key, Line, Lines, Name, UnionLine, need_lines
from plumbline.api.route import route
from plumbline.flow.tree import read_tree, stars
from plumbline.flow.tree.manage_tree import add_node, change_node
from plumbline.flow.tree.move_node import delete_node, move_node
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.tree import Node, NodeKind

Setting = bool | int | float | UnionLine | Lines | None


class NodeList(msgspec.Struct, frozen=True, kw_only=True):
    nodes: list[Node]


class InheritedSetting(msgspec.Struct, frozen=True, kw_only=True):
    value: object
    node: Id  # where it is set
    path: str


class NodeDetail(msgspec.Struct, frozen=True, kw_only=True):
    node: Node
    line: list[Node]  # the node, its parent, and so on to the top
    children: list[Node]
    settings: dict[str, InheritedSetting]  # as they hold here
    permissions: list[Permission]  # what the caller may do here


class SettingView(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that there is. ``default`` holds where none is set; ``operators``: set by administrators of the
    installation alone."""

    key: str
    kind: SettingKind
    title: str
    about: str
    default: bool | int | str | list[str]
    choices: list[str]
    unit: str
    operators: bool


class SettingList(msgspec.Struct, frozen=True, kw_only=True):
    settings: list[SettingView]


class NewNode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: NodeKind
    name: Name
    parent: Id | None = None
    title: Line = ""
    settings: dict[Key, Setting] = {}

    def __post_init__(self) -> None:
        need_lines(self.settings)


class NodeChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is not given stays; a setting that is null is removed. ``name``: another name; ``parent``: the node that it
    is to stand below; ``was``: its path when the caller looked at it, for whoever wants to move nothing else."""

    name: Name | None = None
    parent: Id | None = None
    was: Line = ""
    title: Line | None = None
    settings: dict[Key, Setting] | None = None
    archived: bool | None = None

    def __post_init__(self) -> None:
        need_lines(self.settings)


class Path(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    path: Line


@route("GET", "/nodes", t("The nodes of the tree that the caller may see, and those above them, by path."),
       use_case=use_cases.LIST_NODES)  # fmt: skip
def list_nodes(call: Call) -> NodeList:
    return NodeList(nodes=list(read_tree.list_nodes(call.actor, call.tools.tree)))


@route("GET", "/nodes/{node}", t("One node with what holds there."), use_case=use_cases.VIEW_NODE)
def get_node(call: Call, node: Id) -> NodeDetail:
    found = read_tree.view_node(call.actor, call.tools.tree, node)
    settings = {
        key: InheritedSetting(value=one.value, node=one.node.id, path=one.node.path)
        for key, one in effective_settings(found.ancestors).items()
    }
    return NodeDetail(
        node=found.ancestors[0],
        line=list(found.ancestors),
        children=list(found.children),
        settings=settings,
        permissions=sorted(found.permissions),
    )


@route("POST", "/nodes", t("Add a node below another, or an organisation at the top."), status=201,
       refusals=(404, 409, 422), use_case=(use_cases.CREATE_NODE, use_cases.CREATE_PROJECT))  # fmt: skip
def create_node(call: Call, body: NewNode) -> Node:
    node = Node(
        id=0,
        kind=body.kind,
        name=body.name,
        path="",
        parent=body.parent,
        title=body.title,
        settings={key: value for key, value in body.settings.items() if value is not None},
    )
    return add_node(call.actor, call.tools.tree, node)


@route("PATCH", "/nodes/{node}", t("Change a node's title or settings, archive it or take it back; rename or move it."),
       refusals=(409, 422), use_case=(use_cases.CHANGE_SETTINGS, use_cases.ARCHIVE_NODE, use_cases.RENAME_NODE,
                                      use_cases.RENAME_PROJECT, use_cases.MOVE_NODE))  # fmt: skip
def update_node(call: Call, node: Id, body: NodeChange) -> Node:
    if body.name is not None or body.parent is not None:
        if (body.title, body.settings, body.archived) != (None, None, None):
            raise PlumblineError("invalid-request", t("A node is renamed or moved in a request of its own."),
                                 kind=ErrorKind.CONFIGURATION)  # fmt: skip
        return move_node(call.actor, call.tools.tree, node, name=body.name, parent=body.parent, was=body.was)
    return change_node(
        call.actor, call.tools.tree, node, title=body.title, settings=body.settings, archived=body.archived
    )


@route("DELETE", "/nodes/{node}", t("Delete a node, below which nothing stands, with its pipelines and artifacts."),
       status=204, refusals=(409,), use_case=use_cases.DELETE_NODE)  # fmt: skip
def remove_node(call: Call, node: Id, query: Path) -> None:
    """``path``: of the node, so that nothing else goes."""
    delete_node(call.actor, call.tools.tree, node, query.path)


@route("GET", "/node", t("The node with a path such as bank/payments/core."), refusals=(404,),
       use_case=use_cases.VIEW_NODE)  # fmt: skip
def find_node(call: Call, query: Path) -> Node:
    return read_tree.find_node(call.actor, call.tools.tree, query.path)


@route("GET", "/settings", t("What can be set at a node; it holds there and below."), use_case=use_cases.LIST_SETTINGS)
def list_settings(call: Call) -> SettingList:
    return SettingList(settings=[_view(setting) for setting in call.tools.tree.settings.values()])


def _view(setting: AnySetting) -> SettingView:
    default = setting.default
    return SettingView(
        key=setting.key,
        kind=setting.kind,
        title=str(setting.title),
        about=str(setting.about),
        default=list(default) if isinstance(default, tuple) else default,
        choices=list(setting.choices),
        unit=str(setting.unit or ""),
        operators=setting.operators,
    )


@route("PUT", "/nodes/{node}/star", t("Star a node."), use_case=use_cases.STAR_NODE, status=204, refusals=(409,))
def star_node(call: Call, node: Id) -> None:
    stars.star(call.actor, call.tools.tree, node)


@route("DELETE", "/nodes/{node}/star", t("Take the star of a node back."), use_case=use_cases.STAR_NODE, status=204)
def unstar_node(call: Call, node: Id) -> None:
    stars.unstar(call.actor, call.tools.tree, node)


PART = (list_nodes, get_node, create_node, update_node, remove_node, find_node, list_settings, star_node, unstar_node)
