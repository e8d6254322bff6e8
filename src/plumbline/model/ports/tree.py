"""The organisation tree, and what is set at its nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from plumbline.model.repository_credential import RepositoryCredential
from plumbline.model.tree import Node, StoredVariable

if TYPE_CHECKING:
    from collections.abc import Sequence


class Tree(Protocol):
    """The organisation tree. Node ids are given in :meth:`add`."""

    def add(self, node: Node) -> Node:
        """PlumblineError ``node-exists`` where the path is taken."""
        ...

    def get(self, node: int) -> Node | None: ...

    def at(self, path: str) -> Node | None: ...

    def ancestors(self, node: int) -> Sequence[Node]:
        """The node, its parent, and so on to the top; empty where there is none."""
        ...

    def children(self, node: int | None) -> Sequence[Node]:
        """By name; None: the organisations."""
        ...

    def all(self) -> Sequence[Node]:
        """By path."""
        ...

    def save(self, node: Node) -> bool:
        """Title, settings and whether it is archived."""
        ...

    def move(self, before: Node, after: Node) -> bool:
        """Give it the parent, name and path that it has afterwards, and all below it their paths. False where it is not
        at its path any more. PlumblineError ``node-exists`` where the new path is taken."""
        ...

    def remove(self, node: int) -> None:
        """A node below which nothing stands, with all that goes with it."""
        ...


class Variables(Protocol):
    """CI/CD variables of nodes, sealed."""

    def at(self, nodes: Sequence[int]) -> Sequence[StoredVariable]:
        """Those of these nodes, by name and scope."""
        ...

    def put(self, variable: StoredVariable) -> bool:
        """Add or replace; whether it was new."""
        ...

    def remove(self, node: int, name: str, scope: str) -> bool: ...

    def all(self, after: tuple[int, str, str] | None, limit: int) -> Sequence[StoredVariable]:
        """By node, name and scope, those after this one: for sealing all values anew."""
        ...

    def reseal(self, variable: StoredVariable, sealed: bytes) -> bool:
        """Replace the sealed value if it is still ``variable.sealed``; nothing else changes."""
        ...


class RepositoryCredentials(Protocol):
    """What git proves itself with, sealed."""

    def at(self, nodes: Sequence[int]) -> Sequence[RepositoryCredential]:
        """Those of these nodes, by host, scheme and node."""
        ...

    def put(self, credential: RepositoryCredential) -> bool:
        """Add or replace; whether it was new."""
        ...

    def remove(self, node: int, scheme: str, host: str) -> bool: ...

    def all(self) -> Sequence[RepositoryCredential]: ...

    def reseal(self, credential: RepositoryCredential, sealed: bytes) -> bool:
        """Replace the sealed value if it is still ``credential.sealed``; nothing else changes."""
        ...
