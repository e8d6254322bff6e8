"""One use case, carried out by somebody: who acts, one transaction, and the events it leaves.

Rules, which every door gets by opening its units here:

1. What is checked, done and recorded stands in one transaction: everything happens, or nothing.
2. A unit that ends without a check is undone, and a fault: a door that forgets one can neither act nor look.
3. What is at a node that the actor may not see does not exist for them, in the same words as what is not there.
4. What the actor may see and not do is refused with the reason.
5. Nobody who is not signed in passes, but where the table of use cases says that anybody may.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from plumbline.access import (
    SIGNED_OUT,
    Actor,
    Performed,
    Permission,
    Place,
    UseCase,
    allowed,
    allows,
    conflict,
    granted,
    may,
)
from plumbline.flow.event_writer import EventWriter
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.person import EVERY_SCOPE
from plumbline.model.ports.transaction import Store, Transaction
from plumbline.model.tree import INSTANCE, Node, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from plumbline.evidence import Content


class UncheckedUseCaseError(RuntimeError):
    """A bug: something was looked at or done, and nobody asked whether the actor may."""


@dataclass(frozen=True, slots=True)
class Units:
    """Opens units of work over the store, and says what their events are named by."""

    store: Store
    source: str  # CDEvents context.source of this installation
    clock: Callable[[], int]  # microseconds since the epoch
    new_id: Callable[[], str]

    @contextmanager
    def change(self, actor: Actor) -> Iterator[UnitOfWork]:
        """For writing: durable when the block is left. Leaving it by an exception undoes all that was done in it."""
        with self.store.change() as tx:
            unit = UnitOfWork(tx, actor, self.writer())
            yield unit
            unit.close(acts=True)

    @contextmanager
    def view(self, actor: Actor) -> Iterator[UnitOfWork]:
        """For reading only; sees one moment, waits for nobody."""
        with self.store.view() as tx:
            unit = UnitOfWork(tx, actor, self.writer())
            yield unit
            unit.close(acts=False)

    def may(self, actor: Actor, use_case: UseCase, node: int = INSTANCE) -> bool:
        """For showing only what can be done."""
        with self.view(actor) as unit:
            return unit.may(use_case, node)

    def writer(self) -> EventWriter:
        """For what is recorded now."""
        return EventWriter(self.clock(), self.source, self.new_id)

    def one_moment(self) -> AbstractContextManager[None]:
        """All that this thread looks at inside is as it was at one moment."""
        return self.store.one_moment()

    @property
    def readers(self) -> int:
        """How many may well read at once."""
        return self.store.readers


class UnitOfWork:
    """``tx`` is the transaction, ``actor`` who acts, ``writer`` names and times the events: one moment for all."""

    __slots__ = ("_asked", "_required", "actor", "tx", "writer")

    def __init__(self, tx: Transaction, actor: Actor, writer: EventWriter) -> None:
        self.tx = tx
        self.actor = actor
        self.writer = writer
        self._asked = False
        self._required = False

    @property
    def now(self) -> int:
        """Microseconds since the epoch."""
        return self.writer.now

    def require(self, use_case: UseCase, node: int | None = INSTANCE, missing: Text | None = None) -> Sequence[Node]:
        """The node and those above it; empty where the use case is about no node. ``node`` None: there is no such
        object; ``missing`` says so, also where the actor may not see it.

        Raises PlumblineError ``not-signed-in``, ``not-found`` or ``not-allowed``.
        """
        self._required = True
        if use_case.at is Place.ANYBODY:
            return ()
        if not self.actor.signed_in:
            raise not_signed_in()
        if use_case.whole and self.actor.scopes is not None and EVERY_SCOPE not in self.actor.scopes:
            raise not_allowed(
                t("the API token does not have the scope '{scope}', so its owner's account is closed to it",
                  scope=EVERY_SCOPE)
            )  # fmt: skip
        if use_case.at in (Place.SELF, Place.WHERE_VISIBLE) or use_case.permission is None:
            return ()
        if use_case.at is Place.INSTALLATION:
            return self._permit(use_case.permission, ())
        ancestors = self._visible(node, missing, below=use_case.at is Place.NODE_OR_BELOW)
        if use_case.at is Place.NODE_OR_BELOW and self._sees_below(use_case.permission, ancestors):
            return ancestors
        return self._permit(use_case.permission, ancestors)

    def require_also(self, use_case: UseCase, node: int = INSTANCE) -> None:
        """The further permission of a use case, where its condition holds. Raises as :meth:`require`."""
        also = use_case.also[0]
        self._permit(also.permission, () if also.at is Place.INSTALLATION else self.tx.tree.ancestors(node))

    def may_also(self, use_case: UseCase, node: int = INSTANCE) -> bool:
        """Whether :meth:`require_also` would let it pass; for showing only what can be done."""
        try:
            self.require_also(use_case, node)
        except PlumblineError:
            return False
        return True

    def breaks_duty(self, use_case: UseCase, other: str) -> bool:
        """Whether the actor would do both acts that the duty of the use case gives to two persons. ``other``: the name
        of whoever did the first one."""
        if use_case.duty is None:
            return False
        acts = (Performed(use_case.duty.first, other), Performed(use_case.duty.second, self.actor.name))
        return conflict(acts, use_case.duty) is not None

    def refresh(self) -> None:
        """Take the actor as they are by now: for what was prepared outside the transaction, and took its time."""
        found = actor_of(self.tx, self.actor.person.id) or SIGNED_OUT
        self.actor = msgspec.structs.replace(self.actor, person=found.person, grants=found.grants)

    def may(self, use_case: UseCase, node: int = INSTANCE) -> bool:
        """Whether :meth:`require` would let it pass; for showing only what can be done."""
        self._asked = True
        if use_case.permission is None or not self.actor.signed_in:
            return use_case.at is Place.ANYBODY or self.actor.signed_in
        ancestors = () if use_case.at is Place.INSTALLATION else self.tx.tree.ancestors(node)
        if use_case.at is Place.NODE_OR_BELOW and self._sees_below(use_case.permission, ancestors):
            return True
        return allows(self.actor, use_case.permission, ancestors)

    def nodes(self, use_case: UseCase) -> Sequence[Node]:
        """Where the actor may do it, by path."""
        self._asked = True
        assert use_case.permission is not None
        every = self.tx.tree.all()
        inside = allowed(self.actor, use_case.permission, every)
        return [node for node in every if node.id in inside]

    def projects(self, use_case: UseCase) -> Sequence[int]:
        """The projects where the actor may do it, by path."""
        return [node.id for node in self.nodes(use_case) if node.kind is NodeKind.PROJECT]

    def projects_or_all(self, use_case: UseCase) -> Sequence[int] | None:
        """The same; None for all there are, where the actor may do it in the whole installation."""
        return None if self.everywhere(use_case) else self.projects(use_case)

    def everywhere(self, use_case: UseCase) -> bool:
        """Whether the actor may do it in the whole installation, and not only at some nodes."""
        self._asked = True
        assert use_case.permission is not None
        return INSTANCE in granted(self.actor, use_case.permission)

    def record(self, subject: str, content: Content, project: str = "") -> None:
        """Put an event of ours into the ledger with this transaction. ``project``: path of the node it is about."""
        self.writer.record(self.tx, subject, content, project)

    def close(self, *, acts: bool) -> None:
        """Who only looks may have asked what may be shown; who acts must have been required to be allowed to."""
        if not self._required and (acts or not self._asked):
            raise UncheckedUseCaseError("a unit of work ended without a check of who may")

    def _visible(self, node: int | None, missing: Text | None, *, below: bool) -> Sequence[Node]:
        """A token narrows what its owner may do, never what its owner may see."""
        if node == INSTANCE:
            return ()
        ancestors = self.tx.tree.ancestors(node) if node is not None else ()
        owner = msgspec.structs.replace(self.actor, scopes=None)
        seen = bool(ancestors) and allows(owner, Permission.PROJECT_VIEW, ancestors)
        if not seen and not (below and ancestors and _holds_below(self.tx, owner, Permission.PROJECT_VIEW, ancestors)):
            raise not_found(missing if missing is not None else t("There is no node {node}.", node=node))
        return ancestors

    def _sees_below(self, permission: Permission, ancestors: Sequence[Node]) -> bool:
        return _holds_below(self.tx, self.actor, permission, ancestors)

    def _permit(self, permission: Permission, ancestors: Sequence[Node]) -> Sequence[Node]:
        decision = may(self.actor, permission, ancestors)
        if not decision:
            raise not_allowed(decision.reason)
        return ancestors


def _holds_below(tx: Transaction, actor: Actor, permission: Permission, ancestors: Sequence[Node]) -> bool:
    """Without a node: anywhere."""
    given = granted(actor, permission)
    if not ancestors:
        return bool(given)
    node = ancestors[0].id
    below = (tx.tree.ancestors(one) for one in given if one != INSTANCE)
    return any(each.id == node for other in below for each in other)


def actor_of(tx: Transaction, person: int) -> Actor | None:
    """Somebody with all that they hold; None where there is no such person."""
    found = tx.people.get(person) if person else None
    return Actor(found, tuple(tx.grants.of(person))) if found is not None else None


def not_found(message: Text) -> PlumblineError:
    return PlumblineError("not-found", message, kind=ErrorKind.REFUSED)


def not_allowed(reason: Text) -> PlumblineError:
    return PlumblineError("not-allowed", reason, kind=ErrorKind.REFUSED)


def not_signed_in() -> PlumblineError:
    return PlumblineError("not-signed-in", t("This needs somebody who is signed in."), kind=ErrorKind.REFUSED)
