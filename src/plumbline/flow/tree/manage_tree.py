"""The organisation tree grows and changes; every change is an event in the same transaction."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from plumbline.access import SETTINGS, check_settings, use_cases
from plumbline.evidence.vocabulary import own_platform
from plumbline.flow.tree.bind_repository import RepositoryWrite, bind_within
from plumbline.flow.tree.move_node import check_place, path_below
from plumbline.flow.tree.stale import check_unchanged
from plumbline.kernel import PlumblineError, t
from plumbline.model.tree import INSTANCE, Node, NodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.access import Actor, UseCase
    from plumbline.flow.tree.tools import TreeTools
    from plumbline.flow.unit_of_work import UnitOfWork


def add_node(actor: Actor, tools: TreeTools, node: Node, *, url: str = "", forge: str = "git") -> Node:
    """Put a node below its parent; its path is made here. ``url``: of the repository of a project, at a kind of
    forge.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``node-name-wrong``, ``node-misplaced``, ``node-exists``,
    ``node-path-too-long``, ``setting-wrong``, and what
    :func:`plumbline.flow.tree.bind_repository.bind_repository` raises.
    """
    use_case = use_cases.CREATE_PROJECT if node.kind is NodeKind.PROJECT else use_cases.CREATE_NODE
    with tools.units.change(actor) as unit:
        ancestors = unit.require(use_case, INSTANCE if node.parent is None else node.parent)
        parent = ancestors[0] if ancestors else None
        check_place(unit.tx, parent, node)
        check_settings(node.settings, tools.settings)
        _may_set(unit, use_case, {}, node.settings)
        path = path_below(parent, node.name)
        added = unit.tx.tree.add(msgspec.structs.replace(node, path=path))
        content = own_platform.NodeCreated(
            kind=added.kind.value, path=path, by=actor.name, settings=_changes({}, added.settings) or UNSET
        )
        unit.record(path, content)
        if url:
            bind_within(unit, tools, added.id, RepositoryWrite(kind=forge, url=url))
        return added


def change_node(
    actor: Actor,
    tools: TreeTools,
    node: int,
    *,
    title: str | None = None,
    settings: Mapping[str, object] | None = None,
    archived: bool | None = None,
    seen: Mapping[str, object] = MappingProxyType({}),
) -> Node:
    """Change what is given; settings are merged, and one that is set to None is removed. ``seen``: the title and the
    settings by their keys, as they were shown to the actor; None: not set there.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``setting-wrong``, ``changed-meanwhile``.
    """
    use_case = use_cases.CHANGE_SETTINGS if archived is None else use_cases.ARCHIVE_NODE
    with tools.units.change(actor) as unit:
        before = after = unit.require(use_case, node)[0]
        if archived is not None and (title is not None or settings is not None):
            unit.require_also(use_cases.ARCHIVE_NODE, node)
        check_unchanged(seen, {**before.settings, "title": before.title})
        if title is not None:
            after = msgspec.structs.replace(after, title=title)
        if settings is not None:
            merged = {key: value for key, value in {**before.settings, **settings}.items() if value is not None}
            check_settings(settings, tools.settings)
            _may_set(unit, use_cases.CHANGE_SETTINGS, before.settings, merged)
            after = msgspec.structs.replace(after, settings=merged)
        if archived is not None:
            after = msgspec.structs.replace(after, archived=archived)
        if after != before:
            unit.tx.tree.save(after)
            _record_change(unit, before, after)
        return after


def _record_change(unit: UnitOfWork, before: Node, after: Node) -> None:
    fields = tuple(name for name in ("title", "settings", "archived") if getattr(before, name) != getattr(after, name))
    path, by = before.path, unit.actor.name
    if after.archived and "archived" in fields:
        unit.record(path, own_platform.NodeArchived(path=path, by=by))
    if fields != ("archived",) or not after.archived:
        changes = _changes(before.settings, after.settings)
        unit.record(path, own_platform.NodeChanged(path=path, fields=fields, by=by, settings=changes or UNSET))


def _may_set(unit: UnitOfWork, use_case: UseCase, before: Mapping[str, object], after: Mapping[str, object]) -> None:
    """Who looks after a project does not decide what its jobs may do to the server."""
    changed = [one.key for one in _changes(before, after) if one.key in SETTINGS and SETTINGS[one.key].operators]
    if not changed:
        return
    try:
        unit.require_also(use_case)
    except PlumblineError as error:
        message = t("'{setting}' is set by who runs the server: {reason}", setting=changed[0], reason=error.message)
        hint = t("Ask an administrator of the installation to set it.")
        raise PlumblineError(error.code, message, hint, kind=error.kind) from error


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[own_platform.SettingChange, ...]:
    def told(value: Any) -> Any:
        return tuple(map(str, value)) if isinstance(value, list) else value

    return tuple(
        own_platform.SettingChange(key=key, before=told(before.get(key, UNSET)), after=told(after.get(key, UNSET)))
        for key in sorted({*before, *after})
        if before.get(key, UNSET) != after.get(key, UNSET)
    )
