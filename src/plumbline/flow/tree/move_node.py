"""Nodes get another name, come to stand below another node, and go. Everything below goes along; what is known by its
number (roles, settings, variables, pipelines, files) stays as it is, and what names a path follows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from plumbline.access import settings, use_cases
from plumbline.evidence.vocabulary import own_platform as own
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.kernel.text import nt
from plumbline.model.tree import INSTANCE, LONGEST_PATH, Node, NodeKind, is_within, may_hold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plumbline.access import Actor
    from plumbline.flow.tree.tools import TreeTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.ports.transaction import Transaction

    NewPath = Callable[[str], str | None]  # of a node that had this path; None: it has none any more

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_ENDINGS = (".git", ".atom")


def move_node(
    actor: Actor, tools: TreeTools, node: int, *, name: str | None = None, parent: int | None = None, was: str = ""
) -> Node:
    """Give a node another name, or put it below another node, or both. ``was``: the path that it had when the actor
    looked; empty: it does not matter.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``node-moved``, ``node-name-wrong``, ``node-misplaced``,
    ``node-exists``, ``node-path-too-long``.
    """
    with tools.units.change(actor) as unit:
        before = _allowed(unit, node, parent)
        _still_at(before, was)
        place = before.parent if parent is None else parent
        above = unit.tx.tree.get(place) if place is not None else None
        if above is not None and is_within(above.path, before.path):
            raise _wrong("node-misplaced", t("{path} cannot stand below itself.", path=before.path),
                         t("Choose a node that is not below it."))  # fmt: skip
        wanted = msgspec.structs.replace(before, name=name or before.name, parent=above.id if above else None)
        check_place(unit.tx, above, wanted)
        after = msgspec.structs.replace(wanted, path=path_below(above, wanted.name))
        if after == before:
            return before
        _check_length(unit.tx, before, after)
        if not unit.tx.tree.move(before, after):
            raise _moved(before.path)
        unit.record(before.path, own.NodeMoved(path=before.path, to=after.path, by=actor.name))
        _follow(unit, before.path, lambda path: after.path + path[len(before.path) :])
        return after


def delete_node(actor: Actor, tools: TreeTools, node: int, path: str) -> None:
    """Delete a node below which nothing stands, with its pipelines, their logs and artifacts; the ledger stays as it
    is, and the name becomes free. ``path``: of the node, as whoever deletes it knows it.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``node-moved``, ``node-not-empty``, ``node-busy``.
    """
    with tools.units.change(actor) as unit:
        before = unit.require(use_cases.DELETE_NODE, node)[0]
        unit.require_also(use_cases.DELETE_NODE)
        _still_at(before, path)
        _check_deletable(unit.tx, before)
        _take_rights(unit, before)
        pipelines = unit.tx.keeping.let_project_go(node)
        _follow(unit, before.path, lambda _: None)
        unit.tx.tree.remove(node)
        content = own.NodeDeleted(kind=before.kind.value, path=before.path, by=actor.name, pipelines=pipelines or UNSET)
        unit.record(before.path, content)


def path_below(parent: Node | None, name: str) -> str:
    return f"{parent.path}/{name}" if parent else name


def check_place(tx: Transaction, parent: Node | None, node: Node) -> None:
    """Raises PlumblineError ``node-name-wrong``, ``node-misplaced``, ``node-path-too-long``, ``node-exists``."""
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
    if len(path_below(parent, node.name)) > LONGEST_PATH:
        raise _too_long(path_below(parent, node.name))
    others = (one for one in tx.tree.children(node.parent) if one.id != node.id)
    twin = next((one for one in others if one.name.lower() == node.name.lower()), None)
    if twin is not None and twin.name != node.name:  # the same name is refused where it is stored
        raise PlumblineError(
            "node-exists",
            t("There is something at {path} already.", path=twin.path),
            t("Choose a name that differs in more than capitals."),
            kind=ErrorKind.REFUSED,
        )


def _allowed(unit: UnitOfWork, node: int, parent: int | None) -> Node:
    """The node, for an actor who may do this with it."""
    if parent is not None:
        before = unit.require(use_cases.MOVE_NODE, node)[0]
        if parent != before.parent:
            unit.require(use_cases.MOVE_NODE, parent or None, t("There is no node {node}.", node=parent))
        return before
    found = unit.tx.tree.get(node)
    project = found is not None and found.kind is NodeKind.PROJECT
    return unit.require(use_cases.RENAME_PROJECT if project else use_cases.RENAME_NODE, node)[0]


def _still_at(node: Node, was: str) -> None:
    if was and was != node.path:
        raise _moved(was, node.path)


def _check_length(tx: Transaction, before: Node, after: Node) -> None:
    below = (one.path for one in tx.tree.all() if is_within(one.path, before.path))
    longest = max(below, key=len)
    moved = after.path + longest[len(before.path) :]
    if len(moved) > LONGEST_PATH:
        raise _too_long(moved)


def _check_deletable(tx: Transaction, node: Node) -> None:
    below = sum(is_within(one.path, node.path) for one in tx.tree.all()) - 1
    if below:
        raise PlumblineError(
            "node-not-empty",
            nt("{count} node stands below {path}.", "{count} nodes stand below {path}.", below, path=node.path),
            t("Delete or move what is below it first: a node goes alone."),
            kind=ErrorKind.REFUSED,
        )
    running = tx.pipelines.unfinished(node.id)
    if running:
        raise PlumblineError(
            "node-busy",
            t("Pipeline #{number} of {path} is under way.", number=running[0].iid, path=node.path),
            t("Cancel it, or wait until it has ended."),
            kind=ErrorKind.REFUSED,
        )


def _take_rights(unit: UnitOfWork, node: Node) -> None:
    """Roles, secrets and sources of a node that goes; each is told by itself."""
    tx, path, by = unit.tx, node.path, unit.actor.name
    for grant in tx.grants.at([node.id]):
        person = tx.people.get(grant.person)
        tx.grants.remove(grant.person, node.id, grant.role)
        if person is not None:
            unit.record(person.name, own.RoleRevoked(person=person.name, role=grant.role.value, node=path, by=by))
    for variable in tx.variables.at([node.id]):
        tx.variables.remove(node.id, variable.name, variable.scope)
        unit.record(f"{path}:{variable.name}", own.VariableRemoved(key=variable.name, node=path, by=by))
    for credential in tx.repository_credentials.at([node.id]):
        scheme = credential.scheme.value
        tx.repository_credentials.remove(node.id, scheme, credential.host)
        unit.record(f"{path}:{credential.host}", own.RepositoryCredentialRemoved(
            node=path, scheme=scheme, host=credential.host, by=by))  # fmt: skip
    for source in tx.sources.all():
        if source.node == node.id:
            home = node.parent or INSTANCE  # its name stays taken, so it stays to be seen
            tx.sources.change(msgspec.structs.replace(
                source, node=home, revoked=source.revoked or unit.now, digest=b"", sealed=b""))  # fmt: skip
            if not source.revoked:
                unit.record(source.name, own.SourceRevoked(by=by))


def _follow(unit: UnitOfWork, path: str, now: NewPath) -> None:
    """Whatever names a path at or below this one names the same nodes afterwards: who has the name next is not let in
    by it."""

    def moved(names: Mapping[str, str]) -> dict[str, str]:
        found = {key: now(one) if is_within(one, path) else one for key, one in names.items()}
        return {key: one for key, one in found.items() if one is not None}

    for source in unit.tx.sources.all():
        projects = moved(source.projects)
        # Also where nothing changed: what is remembered of the places it speaks about is looked up anew.
        unit.tx.sources.change(msgspec.structs.replace(source, projects=projects))
        if projects != source.projects:
            unit.record(source.name, own.SourceChanged(
                fields=("projects",), speaks_as=source.speaks_as, kinds=source.kinds or UNSET,
                projects=projects or UNSET, by=unit.actor.name))  # fmt: skip
    key = settings.ACCESSIBLE_FROM.key
    for node in unit.tx.tree.all():
        before = node.settings.get(key)
        if not isinstance(before, list):
            continue
        after = [*moved({str(place): str(one).strip("/") for place, one in enumerate(before)}).values()]
        if any(is_within(str(one).strip("/"), path) for one in before):
            others = {name: value for name, value in node.settings.items() if name != key}
            unit.tx.tree.save(msgspec.structs.replace(node, settings={**others, key: after} if after else others))
            change = own.SettingChange(key=key, before=tuple(map(str, before)), after=tuple(after) or UNSET)
            unit.record(node.path, own.NodeChanged(
                path=node.path, fields=("settings",), by=unit.actor.name, settings=(change,)))  # fmt: skip


def _moved(was: str, now: str = "") -> PlumblineError:
    return PlumblineError(
        "node-moved",
        t("{path} is at {now} by now.", path=was, now=now) if now else t("{path} was moved meanwhile.", path=was),
        t("Look at it again, and repeat what you wanted."),
        kind=ErrorKind.REFUSED,
    )


def _too_long(path: str) -> PlumblineError:
    return _wrong(
        "node-path-too-long",
        t("The path {path} has {count} characters, and {most} are the most.", path=f"{path[:80]}…", count=len(path),
          most=LONGEST_PATH),
        t("Choose a shorter name, or a place nearer to the top."),
    )  # fmt: skip


def _wrong(code: str, message: Text, hint: Text) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.CONFIGURATION)
