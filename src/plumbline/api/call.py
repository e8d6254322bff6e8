"""What a handler is given: the server's tools, who calls, and what it may say beside its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from plumbline.access import SIGNED_OUT, Actor, Permission, may
from plumbline.api.problem import not_allowed, not_found
from plumbline.flow.unit_of_work import not_signed_in
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.flow.event_writer import EventWriter
    from plumbline.flow.service import ServerTools, Service
    from plumbline.kernel import Text
    from plumbline.model.person import Person
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.tree import Node


@dataclass(frozen=True, slots=True)
class Caller:  # goes with the desk
    standing: Actor

    @property
    def person(self) -> Person:
        return self.standing.person


@dataclass(slots=True)
class Call:
    """One request to one operation. ``now`` is its one moment, in microseconds."""

    service: ServerTools
    request_id: str
    address: str
    headers: Mapping[str, str]
    now: int
    actor: Actor = SIGNED_OUT
    answer_headers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def tools(self) -> Service:
        """What use cases are handed, by subject."""
        return self.service.service

    @property
    def me(self) -> Caller:  # goes with the desk
        if not self.actor.signed_in:
            raise not_signed_in()
        return Caller(self.actor)

    @property
    def moment(self) -> EventWriter:
        return self.service.moment(self.now)

    def refused(self, code: str, message: Text, hint: Text | None = None) -> PlumblineError:
        return PlumblineError(code, message, hint, kind=ErrorKind.REFUSED)

    def may(self, tx: Transaction, permission: Permission, node: int) -> bool:
        return bool(may(self.me.standing, permission, tx.tree.ancestors(node)))

    def require(self, tx: Transaction, permission: Permission, node: int) -> Sequence[Node]:
        """The line of the node. Of one that the caller may not see, not even its path is told."""
        ancestors = tx.tree.ancestors(node)
        if not ancestors and node != INSTANCE:
            raise not_found(t("There is no node {node}.", node=node))
        decision = may(self.me.standing, permission, ancestors)
        if decision:
            return ancestors
        whole = msgspec.structs.replace(self.me.standing, scopes=None)
        if ancestors and not may(whole, Permission.PROJECT_VIEW, ancestors):
            raise not_allowed(t("{name} may not see node {node}.", name=self.me.person.name, node=node))
        raise not_allowed(decision.reason)


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer that is not JSON."""

    content: bytes
    media: str = "application/octet-stream"
    status: int | None = None  # None: the one of the route
    headers: tuple[tuple[str, str], ...] = ()
