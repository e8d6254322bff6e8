"""The protocols of what a store keeps about people, the tree they work in, and its secrets.

Everything of one :class:`Registry` happens in one transaction; times are microseconds, and handed in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from plumbline.model.person import ApiToken, Failures, Grant, Held, Person, Role, Session
from plumbline.model.repository_credential import RepositoryCredential
from plumbline.model.tree import Node, StoredVariable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from plumbline.model.event import EventDraft


class People(Protocol):
    """Those who may sign in, and the hashes of their passwords."""

    def add(self, person: Person) -> Person:
        """The person with an id; PlumblineError ``person-exists`` where the name is taken."""
        ...

    def save(self, person: Person) -> bool:
        """Everything but the name, the password and when it changed; False where there is no such person."""
        ...

    def get(self, person: int) -> Person | None: ...

    def named(self, name: str) -> Person | None: ...

    def all(self) -> Sequence[Person]:
        """By name."""
        ...

    def count(self) -> int: ...

    def password(self, person: int) -> str | None:
        """The Argon2id hash in its usual text form; None where the person has none."""
        ...

    def set_password(self, person: int, hashed: str, changed: int | None) -> bool:
        """``changed`` is kept in the person; None where the same password was only hashed anew."""
        ...


class Sessions(Protocol):
    def add(self, session: Session) -> None: ...

    def held(self, digest: bytes) -> Held[Session] | None:
        """A session with whose it is."""
        ...

    def seen(self, digest: bytes, at: int) -> None: ...

    def of(self, person: int) -> Sequence[Session]:
        """Newest first."""
        ...

    def remove(self, digest: bytes) -> bool: ...

    def remove_all(self, person: int, *, but: bytes = b"") -> int:
        """End all sessions of a person, except the one with this digest; how many there were."""
        ...

    def sweep(self, *, created_before: int, seen_before: int) -> int:
        """Remove what is older than either; how many."""
        ...


class Tokens(Protocol):
    def add(self, token: ApiToken) -> None: ...

    def get(self, token: str) -> ApiToken | None: ...

    def held(self, token: str) -> Held[ApiToken] | None:
        """A token with whose it is."""
        ...

    def of(self, person: int | None) -> Sequence[ApiToken]:
        """Newest first; None: everybody's."""
        ...

    def used(self, token: str, at: int) -> None: ...

    def revoke(self, token: str, at: int) -> bool:
        """False where it is not there or revoked already."""
        ...


class Grants(Protocol):
    def add(self, grant: Grant) -> bool:
        """False where the person has the role there already."""
        ...

    def remove(self, person: int, node: int, role: Role) -> bool: ...

    def of(self, person: int) -> Sequence[Grant]: ...

    def at(self, nodes: Sequence[int]) -> Sequence[Grant]:
        """Everybody's at these nodes."""
        ...

    def having(self, role: Role) -> Sequence[Grant]:
        """Everybody's of this role, at any node."""
        ...


class LoginAttempts(Protocol):
    """Failed sign-ins in a row, by a key such as ``account:mei`` or ``address:10.0.0.7``."""

    def get(self, key: str) -> Failures: ...

    def failed(self, key: str, at: int) -> Failures:
        """One more; what there are now. Counted by the store itself, so that no attempt is lost."""
        ...

    def clear(self, key: str) -> None: ...

    def sweep(self, before: int) -> int: ...


class Variables(Protocol):
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


class Tree(Protocol):
    """The organisation tree. Node ids are given in :meth:`add`."""

    def add(self, node: Node) -> Node:
        """PlumblineError ``node-exists`` where the path is taken."""
        ...

    def get(self, node: int) -> Node | None: ...

    def at(self, path: str) -> Node | None: ...

    def line(self, node: int) -> Sequence[Node]:
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


class InstanceSettings(Protocol):
    """A few values of the installation itself, by key."""

    def get(self, key: str) -> bytes | None: ...

    def put(self, key: str, value: bytes) -> None: ...

    def remove(self, key: str, expected: bytes) -> bool:
        """Remove it if it still has this value."""
        ...


class Registry(Protocol):
    """All of these in one transaction: everything happens, events included, or nothing."""

    @property
    def people(self) -> People: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def tokens(self) -> Tokens: ...
    @property
    def grants(self) -> Grants: ...
    @property
    def attempts(self) -> LoginAttempts: ...
    @property
    def variables(self) -> Variables: ...
    @property
    def repository_credentials(self) -> RepositoryCredentials: ...
    @property
    def tree(self) -> Tree: ...
    @property
    def settings(self) -> InstanceSettings: ...

    def record(self, draft: EventDraft) -> None:
        """Put an event into the ledger with this transaction."""
        ...

    def afterwards(self, act: Callable[[], None]) -> None:
        """Call it when what was written is durable; not at all where it is undone."""
        ...


class Registries(Protocol):
    """Opens transactions. Leaving the block by an exception undoes all that was done in it."""

    def change(self) -> AbstractContextManager[Registry]:
        """For writing: durable when the block is left; on SQLite one at a time."""
        ...

    def view(self) -> AbstractContextManager[Registry]:
        """For reading only; sees one moment, waits for nobody."""
        ...

    def one_moment(self) -> AbstractContextManager[None]:
        """Views of this thread inside see the same moment and share a transaction; after a change by this thread the
        next one sees what is there then."""
        ...


class Passwords(Protocol):
    """Slow hashes of passwords; a bounded number is made at once, others wait for their turn."""

    def hash(self, password: str) -> str: ...

    def verify(self, hashed: str | None, password: str) -> bool:
        """Takes as long where there is no hash (an unknown person) as where there is one."""
        ...

    def outdated(self, hashed: str) -> bool:
        """Whether it was made with weaker parameters than today's."""
        ...


class Vault(Protocol):
    """Seals values with a key that is not in the store. ``place`` binds a sealed value to where it belongs: it opens
    nowhere else."""

    def seal(self, plain: bytes, place: str) -> bytes: ...

    def open(self, sealed: bytes, place: str) -> bytes:
        """PlumblineError ``unknown-key`` or ``sealed-value-damaged``."""
        ...

    def is_current(self, sealed: bytes) -> bool:
        """Whether it was sealed with the newest key."""
        ...
