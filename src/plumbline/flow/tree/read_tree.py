"""See the organisation tree: which nodes there are, what holds at one, and what may be done there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import Permission, allowed, allows, effective_permissions, granted, use_cases
from plumbline.kernel import t
from plumbline.model.tree import INSTANCE, Node, NodeKind, is_within, may_hold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor, UseCase
    from plumbline.flow.tree.tools import TreeTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.ports.transaction import Transaction


class NodeView(NamedTuple):
    ancestors: Sequence[Node]  # the node, its parent, and so on to the top
    children: Sequence[Node]  # those that the actor may see
    permissions: frozenset[Permission]  # what the actor may do here


class WhereToAdd(NamedTuple):
    top: bool  # an organisation may be added
    below: Sequence[Node]  # nodes below which something may be added, by path
    groups: bool  # more than projects may be added somewhere

    def __bool__(self) -> bool:
        return self.top or bool(self.below)


class SettingsActs(NamedTuple):
    writes: bool
    operates: bool  # also those that the operators of the installation set
    archives: bool


class Placing(NamedTuple):
    renames: bool
    parents: Sequence[Node]  # below which it may be put, by path; empty: it may not be moved
    deletes: bool
    below: int  # how many nodes stand below it

    def __bool__(self) -> bool:
        return self.renames or bool(self.parents) or self.deletes


def list_nodes(actor: Actor, tools: TreeTools) -> Sequence[Node]:
    """The nodes that the actor may see, and those above them, by path."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_NODES)
        return visible_nodes(unit.tx, actor)


def view_node(actor: Actor, tools: TreeTools, node: int) -> NodeView:
    """One node with what is around it. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        ancestors = unit.require(use_cases.VIEW_NODE, node)
        children = _seen(unit, ancestors, unit.tx.tree.children(node))
        return NodeView(ancestors, children, effective_permissions(actor, ancestors))


def view_ancestors(actor: Actor, tools: TreeTools, node: int) -> Sequence[Node]:
    """The node, its parent, and so on to the top. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        return unit.require(use_cases.VIEW_NODE, node)


def find_node(actor: Actor, tools: TreeTools, path: str) -> Node:
    """The node at a path. One that it had before finds nothing, and says what it is now. Raises PlumblineError
    ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        found = unit.tx.tree.at(path)
        missing = t("There is nothing at {path}.", path=path)
        now = unit.tx.tree.at(tools.moves().last_name(path)) if found is None else None
        if now is not None and unit.may(use_cases.VIEW_NODE, now.id):
            missing = t("There is nothing at {path} any more; what was there is at {now}.", path=path, now=now.path)
        return unit.require(use_cases.VIEW_NODE, found.id if found else None, missing)[0]


def where_to_add(actor: Actor, tools: TreeTools) -> WhereToAdd:
    """Where the actor may add a node; for showing only what can be done."""
    with tools.units.view(actor) as unit:
        groups = unit.nodes(use_cases.CREATE_NODE)
        inside = {node.id: node for node in (*groups, *unit.nodes(use_cases.CREATE_PROJECT))}
        below = [node for node in inside.values() if node.kind is not NodeKind.PROJECT]
        top = unit.may(use_cases.CREATE_NODE, INSTANCE)
        holding = any(node.kind is not NodeKind.PROJECT for node in groups)
        return WhereToAdd(top, sorted(below, key=lambda node: node.path), top or holding)


def settings_acts(actor: Actor, tools: TreeTools, node: int) -> SettingsActs:
    """What the actor may do with what is set at a node; for showing only what can be done."""
    with tools.units.view(actor) as unit:
        writes = unit.may(use_cases.CHANGE_SETTINGS, node)
        operates = writes and unit.may_also(use_cases.CHANGE_SETTINGS)
        return SettingsActs(writes, operates, unit.may(use_cases.ARCHIVE_NODE, node))


def placing(actor: Actor, tools: TreeTools, node: int) -> Placing:
    """What the actor may do with the name and the place of a node, and how it may be. Raises PlumblineError
    ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        here = unit.require(use_cases.VIEW_NODE, node)[0]
        project = here.kind is NodeKind.PROJECT
        moves = here.parent is not None and unit.may(use_cases.MOVE_NODE, node)
        parents = [
            one
            for one in (unit.nodes(use_cases.MOVE_NODE) if moves else ())
            if may_hold(one.kind, here.kind) and not is_within(one.path, here.path)
        ]
        return Placing(
            renames=unit.may(use_cases.RENAME_PROJECT if project else use_cases.RENAME_NODE, node),
            parents=parents,
            deletes=unit.may(use_cases.DELETE_NODE, node) and unit.may_also(use_cases.DELETE_NODE),
            below=sum(is_within(one.path, here.path) for one in unit.tx.tree.all()) - 1,
        )


def open_installation(actor: Actor, tools: TreeTools) -> None:
    """Raises PlumblineError ``not-allowed`` where the actor may not see how the installation is. Whoever may sees not
    therefore what is set there: that is asked for by itself."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.VIEW_INSTALLATION)


def permitted(actor: Actor, tools: TreeTools, node: int, *asked: UseCase) -> tuple[bool, ...]:
    """Whether the actor may do each of these at a node; for showing only what can be done."""
    with tools.units.view(actor) as unit:
        return tuple(unit.may(use_case, node) for use_case in asked)


def visible_nodes(tx: Transaction, who: Actor) -> Sequence[Node]:
    """The nodes that somebody may see, and those above them, by path."""
    every = tx.tree.all()
    by_id = {node.id: node for node in every}
    shown = set(allowed(who, Permission.PROJECT_VIEW, every))
    for seen in list(shown):
        parent = by_id[seen].parent
        while parent is not None and parent not in shown:
            shown.add(parent)
            parent = by_id[parent].parent
    return [node for node in every if node.id in shown]


def place_of(ancestors: Sequence[Node]) -> str:
    """How events call the first of these nodes; ``/`` is the whole installation."""
    return ancestors[0].path if ancestors else "/"


def _seen(unit: UnitOfWork, ancestors: Sequence[Node], children: Sequence[Node]) -> Sequence[Node]:
    """Who sees a node sees all below it; others see the way to what they see."""
    if allows(unit.actor, Permission.PROJECT_VIEW, ancestors):
        return children
    way = {each.id for node in granted(unit.actor, Permission.PROJECT_VIEW) for each in unit.tx.tree.ancestors(node)}
    return [child for child in children if child.id in way]
