"""Which projects a pipeline may read and start: what the person who started it may, and where nobody is known, what
stands in the same system or lets it in. And what a ref gets that is protected."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import Permission, archived, may, settings
from plumbline.flow.unit_of_work import actor_of
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.tree import NodeKind, is_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.pipelines.tools import ServedProject
    from plumbline.kernel import Text
    from plumbline.model.change import Change
    from plumbline.model.person import Person
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.tree import Node

_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")


class OnBehalf(NamedTuple):
    """On whose behalf a pipeline asks: its project, and the person who started it; 0: nobody whom this server knows."""

    project: int
    person: int = 0


def reach(tx: Transaction, asker: OnBehalf, path: str, permission: Permission) -> Node:
    """The project at a path, where a pipeline may do this there. Its own files are open to every pipeline.

    Raises PlumblineError ``project-out-of-reach``, in the same words whether there is no such project or it may not be
    seen.
    """
    who = actor_of(tx, asker.person)
    own = tx.tree.ancestors(asker.project)
    other = _ancestors(tx, path)
    if other and permission.reads and other[0].id == asker.project:
        return other[0]
    if who is None:
        if other and _lets_in(own, other) and (permission.reads or not archived(other)):
            return other[0]
        raise _out_of_reach(path, _how_without_person(own))
    if not other or not may(who, Permission.PROJECT_VIEW, other):
        raise _out_of_reach(path, _how_with_person(who.person, permission))
    if not (decision := may(who, permission, other)):
        raise _refused(
            t("this pipeline may not use the project {path}: {reason}", path=path, reason=decision.reason),
            t("ask whoever grants roles at {path}", path=other[0].path),
        )
    return other[0]


def is_protected(change: Change, served: ServedProject) -> bool:
    """Whoever may push chooses the name of a tag: only a name set for tags protects one. A pipeline of a merge request
    runs what its author wrote, and one of a commit that is neither's has no name."""
    if change.merge_request is not None:
        return False
    if change.tag:
        return any(fnmatchcase(change.tag, name) for name in served.protected_tags)
    branches = (served.project.default_branch, *served.protected)
    return bool(change.branch) and any(fnmatchcase(change.branch, name) for name in branches)


def _ancestors(tx: Transaction, path: str) -> Sequence[Node]:
    """The project at a path and the nodes above it; empty where there is none."""
    found = tx.tree.at(path.strip("/")) if _PATH.fullmatch(path.strip("/")) else None
    return tx.tree.ancestors(found.id) if found is not None and found.kind is NodeKind.PROJECT else ()


def _lets_in(own: Sequence[Node], other: Sequence[Node]) -> bool:
    if not own:
        return False
    system, others = _system(own), _system(other)
    if own[0].id == other[0].id or (system is not None and others is not None and system.id == others.id):
        return True
    return any(is_within(own[0].path, name.strip("/")) for name in settings.ACCESSIBLE_FROM.at(other))


def _system(ancestors: Sequence[Node]) -> Node | None:
    return next((node for node in ancestors if node.kind is NodeKind.SYSTEM), None)


def _how_with_person(person: Person, permission: Permission) -> Text:
    return t(
        "{name} started it and needs a role with '{permission}' ({title}) at that project; ask whoever grants roles "
        "there",
        name=person.name,
        permission=permission,
        title=permission.meaning,
    )


def _how_without_person(own: Sequence[Node]) -> Text:
    return t(
        "no person known here started it, as with a push: it may use projects of its own system, and those whose "
        "setting {setting} names {path} or a node above it; ask whoever looks after that project",
        setting=settings.ACCESSIBLE_FROM.key,
        path=own[0].path if own else "-",
    )


def _out_of_reach(path: str, how: Text) -> PlumblineError:
    return _refused(t("there is no project {path} that this pipeline may use", path=path), how)


def _refused(message: Text, how: Text) -> PlumblineError:
    return PlumblineError("project-out-of-reach", message, how, kind=ErrorKind.CONFIGURATION)
