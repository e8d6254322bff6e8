"""The tools of a server on a real store in a temporary folder, with a clock that a test turns, and quick hashes."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.access import SIGNED_OUT, Actor
from plumbline.adapters.secrets import Argon2Passwords
from plumbline.flow.people.identify import by_session
from plumbline.flow.people.sign_in import sign_in
from plumbline.model.person import Grant, Person, Role
from plumbline.model.tree import INSTANCE, Node, NodeKind
from plumbline.wiring.server import OpenServer, ServerSettings

if TYPE_CHECKING:
    from pathlib import Path

SECOND = 1_000_000
DAY = 24 * 3600 * SECOND
PASSWORD = "a long enough 密码"


class House:
    """A server without its door. ``seen`` are the passwords that were looked at."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        self.now = 1_800_000_000 * SECOND
        self.server = OpenServer(ServerSettings(data=str(folder), isolation="none", database=database))
        self.passwords = CountingPasswords(Argon2Passwords(memory_kib=64, passes=1))
        units = dataclasses.replace(self.server.tools.units, clock=lambda: self.now)
        self.people = dataclasses.replace(self.server.tools.people, units=units, passwords=self.passwords)
        self.tools = dataclasses.replace(self.server.tools, units=units, people=self.people)

    @property
    def moment(self) -> Any:
        return self.tools.units.writer()

    def change(self) -> Any:
        return self.tools.units.store.change()

    def view(self) -> Any:
        return self.tools.units.store.view()

    def person(self, name: str, *roles: Role, node: int = INSTANCE, password: str = PASSWORD) -> Person:
        with self.change() as tx:
            person = tx.people.add(Person(id=0, name=name, created=self.now))
            tx.people.set_password(person.id, self.passwords.inner.hash(password), self.now)
            for role in roles:
                tx.grants.add(Grant(person=person.id, node=node, role=role))
            return tx.people.get(person.id)

    def standing(self, person: Person, scopes: frozenset[str] | None = None) -> Actor:
        with self.view() as tx:
            return Actor(tx.people.get(person.id), tuple(tx.grants.of(person.id)), scopes)

    def node(self, name: str, kind: NodeKind = NodeKind.ORGANISATION, parent: Node | None = None) -> Node:
        path = f"{parent.path}/{name}" if parent else name
        with self.change() as tx:
            node = Node(id=0, kind=kind, name=name, path=path, parent=parent.id if parent else None)
            return tx.tree.add(node)

    def line(self, node: Node) -> Any:
        with self.view() as tx:
            return tx.tree.ancestors(node.id)

    def sign_in(self, name: str = "mei", password: str = PASSWORD, address: str = "10.0.0.1") -> str:
        return sign_in(Actor(address=address, agent="a browser"), self.people, name, password).secret

    def visitor(self, secret: str) -> Actor:
        return by_session(SIGNED_OUT, self.people, secret)

    def who(self, secret: str) -> str | None:
        return self.visitor(secret).name or None

    def later(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)

    def events(self, kind: str = "") -> list[Any]:
        """The bodies of all events of a type, by a part of its name."""
        return [msgspec.json.decode(entry.body) for entry in self.tools.ledger.ledger.read() if kind in entry.type]

    def ledger_bytes(self) -> bytes:
        return b"".join(entry.body for entry in self.tools.ledger.ledger.read())


class CountingPasswords:
    def __init__(self, inner: Argon2Passwords) -> None:
        self.inner = inner
        self.seen: list[str] = []
        self.old: set[str] = set()
        self.meanwhile: Any = None

    def hash(self, password: str) -> str:
        return self.inner.hash(password)

    def verify(self, hashed: str | None, password: str) -> bool:
        self.seen.append(password)
        if self.meanwhile is not None:
            self.meanwhile()
        return self.inner.verify(hashed, password)

    def outdated(self, hashed: str) -> bool:
        return hashed in self.old or self.inner.outdated(hashed)
