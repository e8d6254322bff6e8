"""The organisation tree that projects live in, and what is set at its nodes."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_PATH = 600  # characters: indexes and names of events have no room for more
INSTANCE = 0  # stands for a node where something is set for the whole installation, above every organisation


class NodeKind(StrEnum):
    """What a node stands for, widest first. A branch is a branch of a bank or a subsidiary, not one of git."""

    ORGANISATION = "organisation"
    BRANCH = "branch"
    PRODUCT_LINE = "product_line"
    SYSTEM = "system"
    PROJECT = "project"


_DEPTH = {kind: depth for depth, kind in enumerate(NodeKind)}


def may_hold(parent: NodeKind | None, child: NodeKind) -> bool:
    """Whether a node of this kind may stand below one of that: kinds may be skipped, never turned round; a branch may
    have branches. None stands for the top, where only organisations are."""
    if parent is None:
        return child is NodeKind.ORGANISATION
    return _DEPTH[parent] < _DEPTH[child] or parent is child is NodeKind.BRANCH


def in_use(nodes: Iterable[Node], every: Iterable[Node]) -> list[Node]:
    """Those that are not archived, nor below one that is. ``every``: all nodes of the tree."""
    stopped = {node.path for node in every if node.archived}
    return [node for node in nodes if not stopped or not stopped.intersection((node.path, *paths_above(node.path)))]


def paths_above(path: str) -> tuple[str, ...]:
    """The paths of the nodes above one, from the top down: ``bank`` and ``bank/payments`` of ``bank/payments/core``."""
    names = path.split("/")
    return tuple("/".join(names[:count]) for count in range(1, len(names)))


def is_within(path: str, top: str) -> bool:
    """Whether this is the path of the node ``top`` or of one below it."""
    return path == top or path.startswith(f"{top}/")


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One place in the tree. ``path`` is the names from the top down, ``bank/payments/core``: unique."""

    id: int  # from 1; 0 in a node not stored yet
    kind: NodeKind
    name: str
    path: str
    parent: int | None = None
    title: str = ""  # how it is called on pages; empty: the name
    settings: dict[str, object] = {}  # only what is set here
    archived: bool = False


class StoredVariable(msgspec.Struct, frozen=True, kw_only=True):
    """A CI/CD variable as kept at a node: its value is sealed. ``(node, name, scope)`` is unique."""

    node: int  # INSTANCE: for the whole installation
    name: str
    sealed: bytes
    scope: str = "*"  # environment scope with ``*`` wildcards
    masked: bool = False
    protected: bool = False
    file: bool = False
    raw: bool = False
    hidden: bool = False  # its value is never shown again, not even to those who may write it
    description: str = ""
    changed: int = 0
    changed_by: int = 0
