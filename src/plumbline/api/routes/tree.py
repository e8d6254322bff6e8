"""The organisation tree: organisations, branches, product lines, systems and projects."""

from __future__ import annotations

import msgspec

from plumbline.access import SETTINGS, AnySetting, Permission, SettingKind, effective_permissions, effective_settings
from plumbline.api.call import Call
from plumbline.api.fields import Id, Key, Line, Lines, Name
from plumbline.api.problem import not_found
from plumbline.api.route import route
from plumbline.flow.tree.manage_tree import add_node, change_node, visible_nodes
from plumbline.kernel import t
from plumbline.model.tree import INSTANCE, Node, NodeKind

Setting = bool | int | float | Line | Lines | None


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


class NodeChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is not given stays; a setting that is null is removed."""

    title: Line | None = None
    settings: dict[Key, Setting] | None = None
    archived: bool | None = None


@route("GET", "/nodes", t("The nodes of the tree that the caller may see, and those above them, by path."))
def list_nodes(call: Call) -> NodeList:
    with call.service.store.view() as tx:
        return NodeList(nodes=list(visible_nodes(tx, call.me.standing)))


@route("GET", "/nodes/{node}", t("One node with what holds there."))
def get_node(call: Call, node: Id) -> NodeDetail:
    with call.service.store.view() as tx:
        ancestors = call.require(tx, Permission.PROJECT_VIEW, node)
        settings = {
            key: InheritedSetting(value=found.value, node=found.node.id, path=found.node.path)
            for key, found in effective_settings(ancestors).items()
        }
        return NodeDetail(
            node=ancestors[0],
            line=list(ancestors),
            children=list(tx.tree.children(node)),
            settings=settings,
            permissions=sorted(effective_permissions(call.me.standing, ancestors)),
        )


@route("POST", "/nodes", t("Add a node below another, or an organisation at the top."), status=201,
       refusals=(404, 409, 422))  # fmt: skip
def create_node(call: Call, body: NewNode) -> Node:
    permission = Permission.PROJECT_CREATE if body.kind is NodeKind.PROJECT else Permission.TREE_WRITE
    with call.service.store.change() as tx:
        call.require(tx, permission, INSTANCE if body.parent is None else body.parent)
        node = Node(
            id=0, kind=body.kind, name=body.name, path="", parent=body.parent, title=body.title,
            settings={key: value for key, value in body.settings.items() if value is not None},
        )  # fmt: skip
        return add_node(tx, call.moment, call.me.standing, node)


@route("PATCH", "/nodes/{node}", t("Change a node's title or settings, archive it or take it back."), refusals=(422,))
def update_node(call: Call, node: Id, body: NodeChange) -> Node:
    with call.service.store.change() as tx:
        permission = Permission.PROJECT_SETTINGS if body.archived is None else Permission.PROJECT_ARCHIVE
        ancestors = call.require(tx, permission, node)
        if body.archived is not None and (body.title is not None or body.settings is not None):
            call.require(tx, Permission.PROJECT_SETTINGS, node)
        return change_node(tx, call.moment, call.me.standing, ancestors[0], title=body.title,
                           settings=body.settings, archived=body.archived)  # fmt: skip


class Path(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    path: Line


@route("GET", "/node", t("The node with a path such as bank/payments/core."), refusals=(404,))
def find_node(call: Call, query: Path) -> Node:
    with call.service.store.view() as tx:
        found = tx.tree.at(query.path)
        if found is None or not call.may(tx, Permission.PROJECT_VIEW, found.id):
            raise not_found(t("There is nothing at {path}.", path=query.path))
        return found


@route("GET", "/settings", t("What can be set at a node; it holds there and below."))
def list_settings(call: Call) -> SettingList:  # noqa: ARG001 - the same for everybody
    return SettingList(settings=[_view(setting) for setting in SETTINGS.values()])


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


PART = (list_nodes, get_node, create_node, update_node, find_node, list_settings)
