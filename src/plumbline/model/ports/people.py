"""What the store keeps about people. Times are microseconds, and handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from plumbline.model.person import Alias, ApiToken, Failures, Grant, Held, Person, Role, SavedView, Session

if TYPE_CHECKING:
    from collections.abc import Sequence


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

    def like(self, text: str, limit: int) -> Sequence[Person]:
        """Those who have it in their name, title or address; those with whom it begins so first."""
        ...

    def count(self) -> int: ...

    def password(self, person: int) -> str | None:
        """The Argon2id hash in its usual text form; None where the person has none."""
        ...

    def set_password(self, person: int, hashed: str, changed: int | None) -> bool:
        """``changed`` is kept in the person; None where the same password was only hashed anew."""
        ...


class Sessions(Protocol):
    """Browsers that are signed in."""

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
    """API tokens."""

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
    """Roles that people were given at nodes."""

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


class Aliases(Protocol):
    """Accounts and addresses that are a person's."""

    def add(self, alias: Alias) -> bool:
        """False where it is somebody's already."""
        ...

    def remove(self, person: int, forge: str, name: str) -> bool: ...

    def get(self, forge: str, name: str) -> Alias | None: ...

    def of(self, person: int) -> Sequence[Alias]:
        """By forge and name."""
        ...


class Stars(Protocol):
    """Nodes that people want at hand."""

    def add(self, person: int, node: int, at: int) -> bool:
        """False where it is starred already."""
        ...

    def remove(self, person: int, node: int) -> bool: ...

    def of(self, person: int) -> Sequence[int]:
        """Nodes, in the order in which they were starred."""
        ...


class SavedViews(Protocol):
    """How people want to see lists again."""

    def put(self, view: SavedView) -> None:
        """Add it, or replace the one of this name."""
        ...

    def remove(self, person: int, shelf: str, name: str) -> bool: ...

    def of(self, person: int, shelf: str) -> Sequence[SavedView]:
        """By name."""
        ...


class LoginAttempts(Protocol):
    """Failed sign-ins in a row, by a key such as ``account:mei`` or ``address:10.0.0.7``."""

    def get(self, key: str) -> Failures: ...

    def failed(self, key: str, at: int) -> Failures:
        """One more; what there are now. Counted by the store itself, so that no attempt is lost."""
        ...

    def clear(self, key: str) -> None: ...

    def sweep(self, before: int) -> int: ...


class Passwords(Protocol):
    """Slow hashes of passwords; a bounded number is made at once, others wait for their turn."""

    def hash(self, password: str) -> str: ...

    def verify(self, hashed: str | None, password: str) -> bool:
        """Takes as long where there is no hash (an unknown person) as where there is one."""
        ...

    def outdated(self, hashed: str) -> bool:
        """Whether it was made with weaker parameters than today's."""
        ...
