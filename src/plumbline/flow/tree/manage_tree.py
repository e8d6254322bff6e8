"""The organisation tree grows and changes; every change is an event in the same transaction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from plumbline.access import SETTINGS, Permission, allowed, check_settings, granted, may
from plumbline.evidence.vocabulary import own_platform
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.tree import Node, NodeKind, may_hold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.access import Actor
    from plumbline.flow.event_writer import EventWriter
    from plumbline.model.ports.transaction import Transaction

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_ENDINGS = (".git", ".atom")


def add_node(tx: Transaction, moment: EventWriter, by: Actor, node: Node) -> Node:
    """Put a node below its parent; its path is made here.

    Raises PlumblineError ``node-name-wrong``, ``node-misplaced``, ``node-exists``, ``setting-wrong``, or
    ``not-allowed`` for a setting that is the operator's.
    """
    parent = tx.tree.get(node.parent) if node.parent is not None else None
    if not _NAME.fullmatch(node.name) or node.name.lower().endswith(_ENDINGS):
        raise _wrong(
            "node-name-wrong",
            t("'{name}' cannot be the name of a node.", name=node.name),
            t("Use letters, digits, '_', '-' and '.', beginning with a letter, a digit or '_'."),
        )
    if not may_hold(parent.kind if parent else None, node.kind):
        raise _wrong(
            "node-misplaced",
            t("A {kind} cannot stand below {parent}.", kind=node.kind, parent=parent.path if parent else "-"),
            t("The order is: {kinds}.", kinds=", ".join(NodeKind)),
        )
    twin = next((one for one in tx.tree.children(node.parent) if one.name.lower() == node.name.lower()), None)
    if twin is not None and twin.name != node.name:
        raise PlumblineError(
            "node-exists",
            t("There is something at {path} already.", path=twin.path),
            t("Choose a name that differs in more than capitals."),
            kind=ErrorKind.REFUSED,
        )
    check_settings(node.settings)
    _may_set(by, {}, node.settings)
    path = f"{parent.path}/{node.name}" if parent else node.name
    added = tx.tree.add(msgspec.structs.replace(node, path=path))
    content = own_platform.NodeCreated(
        kind=added.kind.value, path=path, by=by.person.name, settings=_changes({}, added.settings) or UNSET
    )
    moment.record(tx, path, content)
    return added


def change_node(
    tx: Transaction,
    moment: EventWriter,
    by: Actor,
    node: Node,
    *,
    title: str | None = None,
    settings: Mapping[str, object] | None = None,
    archived: bool | None = None,
) -> Node:
    """Change what is given; settings are merged, and one that is set to None is removed. Raises PlumblineError
    ``setting-wrong``, or ``not-allowed`` for a setting that is the operator's."""
    after = node
    if title is not None:
        after = msgspec.structs.replace(after, title=title)
    if settings is not None:
        merged = {key: value for key, value in {**node.settings, **settings}.items() if value is not None}
        check_settings(settings)
        _may_set(by, node.settings, merged)
        after = msgspec.structs.replace(after, settings=merged)
    if archived is not None:
        after = msgspec.structs.replace(after, archived=archived)
    fields = tuple(name for name in ("title", "settings", "archived") if getattr(node, name) != getattr(after, name))
    if not fields:
        return node
    changes = _changes(node.settings, after.settings)
    tx.tree.save(after)
    if archived and "archived" in fields:
        moment.record(tx, node.path, own_platform.NodeArchived(path=node.path, by=by.person.name))
    if fields != ("archived",) or not archived:
        content = own_platform.NodeChanged(path=node.path, fields=fields, by=by.person.name, settings=changes or UNSET)
        moment.record(tx, node.path, content)
    return after


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


def visible_ancestors(tx: Transaction, who: Actor, node: int) -> Sequence[Node]:
    """A node that is among the :func:`visible_nodes`, and those above it; empty where it is not."""
    ancestors = tx.tree.ancestors(node)
    if not ancestors or may(who, Permission.PROJECT_VIEW, ancestors):
        return ancestors
    below = (tx.tree.ancestors(seen) for seen in granted(who, Permission.PROJECT_VIEW))
    return ancestors if any(each.id == node for other in below for each in other) else []


def projects_where(tx: Transaction, who: Actor, permission: Permission) -> Sequence[int]:
    """The projects where somebody may do something, by path."""
    every = tx.tree.all()
    inside = allowed(who, permission, every)
    return [node.id for node in every if node.kind is NodeKind.PROJECT and node.id in inside]


def _may_set(by: Actor, before: Mapping[str, object], after: Mapping[str, object]) -> None:
    """Who looks after a project does not decide what its jobs may do to the server."""
    changed = [one.key for one in _changes(before, after) if one.key in SETTINGS and SETTINGS[one.key].operators]
    decision = may(by, Permission.INSTANCE_MANAGE, ())
    if changed and not decision:
        raise PlumblineError(
            "not-allowed",
            t("'{setting}' is set by who runs the server: {reason}", setting=changed[0], reason=decision.reason),
            t("Ask an administrator of the installation to set it."),
            kind=ErrorKind.REFUSED,
        )


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[own_platform.SettingChange, ...]:
    def told(value: Any) -> Any:
        return tuple(map(str, value)) if isinstance(value, list) else value

    return tuple(
        own_platform.SettingChange(key=key, before=told(before.get(key, UNSET)), after=told(after.get(key, UNSET)))
        for key in sorted({*before, *after})
        if before.get(key, UNSET) != after.get(key, UNSET)
    )


def _wrong(code: str, message: object, hint: object) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.CONFIGURATION)  # type: ignore[arg-type]
