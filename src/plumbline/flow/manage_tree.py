"""The organisation tree grows and changes; every change is an event in the same transaction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from plumbline.access import Permission, may
from plumbline.evidence import own_platform
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model import Node, NodeKind, may_hold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.access import Standing
    from plumbline.flow.moment import Moment
    from plumbline.model import Registry

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_ENDINGS = (".git", ".atom")


def add_node(registry: Registry, moment: Moment, by: Standing, node: Node) -> Node:
    """Put a node below its parent; its path is made here.

    Raises PlumblineError ``node-name-wrong``, ``node-misplaced`` or ``node-exists``.
    """
    parent = registry.tree.get(node.parent) if node.parent is not None else None
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
    path = f"{parent.path}/{node.name}" if parent else node.name
    added = registry.tree.add(msgspec.structs.replace(node, path=path))
    content = own_platform.NodeCreated(kind=added.kind.value, path=path, by=by.person.name)
    moment.record(registry, path, content)
    return added


def change_node(
    registry: Registry,
    moment: Moment,
    by: Standing,
    node: Node,
    *,
    title: str | None = None,
    settings: Mapping[str, object] | None = None,
    archived: bool | None = None,
) -> Node:
    """Change what is given; settings are merged, and one that is set to None is removed."""
    after = node
    if title is not None:
        after = msgspec.structs.replace(after, title=title)
    if settings is not None:
        merged = {key: value for key, value in {**node.settings, **settings}.items() if value is not None}
        after = msgspec.structs.replace(after, settings=merged)
    if archived is not None:
        after = msgspec.structs.replace(after, archived=archived)
    fields = tuple(name for name in ("title", "settings", "archived") if getattr(node, name) != getattr(after, name))
    if not fields:
        return node
    registry.tree.save(after)
    if archived and "archived" in fields:
        moment.record(registry, node.path, own_platform.NodeArchived(path=node.path, by=by.person.name))
    if fields != ("archived",) or not archived:
        content = own_platform.NodeChanged(path=node.path, fields=fields, by=by.person.name)
        moment.record(registry, node.path, content)
    return after


def visible_nodes(registry: Registry, who: Standing) -> Sequence[Node]:
    """The nodes that somebody may see, and those above them, by path."""
    every = registry.tree.all()
    by_id = {node.id: node for node in every}
    shown: set[int] = set()
    for node in every:
        line = [node]
        while (parent := line[-1].parent) is not None:
            line.append(by_id[parent])
        if may(who, Permission.PROJECT_VIEW, line):
            shown.update(each.id for each in line)
    return [node for node in every if node.id in shown]


def _wrong(code: str, message: object, hint: object) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.CONFIGURATION)  # type: ignore[arg-type]
