"""People, their roles, and what they sign in with. Times are microseconds since the epoch; secrets are never here, only
their hashes."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

C = TypeVar("C")
EVERY_SCOPE = "all"  # of an API token: whatever its owner may do


class Role(StrEnum):
    """What a person is at one node of the tree, and at every node below it."""

    VIEWER = "viewer"
    DEVELOPER = "developer"
    MAINTAINER = "maintainer"
    RELEASE_MANAGER = "release_manager"
    SECURITY = "security"
    OPERATOR = "operator"
    ASSESSOR = "assessor"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Someone who may sign in. ``name`` is what is typed at the door: lower case, unique, never reused."""

    id: int  # from 1; 0 in a person not stored yet
    name: str
    title: str = ""  # how the person is called on pages; empty: the name
    email: str = ""
    language: str = ""  # a member of kernel.LANGUAGES; empty: the browser's
    active: bool = True  # a person who left stays, switched off, since the ledger names them
    created: int = 0
    password_changed: int = 0  # 0: has no password


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One browser that is signed in. ``digest`` is the SHA-256 of the secret in its cookie."""

    digest: bytes
    person: int
    created: int
    seen: int  # last request, kept to the minute
    address: str = ""
    agent: str = ""


class ApiToken(msgspec.Struct, frozen=True, kw_only=True):
    """A secret for programs, ``plumb_<id>_<secret>``: what its owner may do, narrowed to its scopes."""

    id: str  # public: 11 letters and digits
    digest: bytes  # SHA-256 of the secret
    person: int
    name: str
    scopes: tuple[str, ...]  # permissions such as "pipeline.run", or EVERY_SCOPE
    created: int
    expires: int
    used: int = 0  # last use, kept to the minute; 0: never
    revoked: int = 0  # 0: not


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A role of a person at a node, which holds at every node below."""

    person: int
    node: int
    role: Role
    by: int = 0  # the person who granted it; 0: the installation itself
    at: int = 0


class Alias(msgspec.Struct, frozen=True, kw_only=True):
    """That an account at a forge, or an address, is a person's. ``(forge, name)`` belongs to one person at most."""

    person: int
    forge: str = ""  # a kind of forge; empty: ``name`` is an address
    name: str  # as :func:`fold` makes it
    by: int = 0  # the person who said so
    at: int = 0

    def __str__(self) -> str:
        return f"{self.forge}:{self.name}" if self.forge else self.name


def fold(text: str) -> str:
    """Without what does not tell people apart: case, and forms of letters."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


LISTS = frozenset({  # of which views are kept
    "pipelines", "projects", "people", "sources", "tests", "coverage", "findings", "components", "artifacts",
    "versions", "tests-by-project", "findings-by-project", "collections", "evaluations",
})  # fmt: skip


class SavedView(msgspec.Struct, frozen=True, kw_only=True):
    """How a person wants to see a list again: ``query`` is what stands in its address behind the question mark."""

    person: int
    shelf: str  # which list: one of LISTS
    name: str
    query: str


class Held(msgspec.Struct, Generic[C], frozen=True):
    """A credential (a session or an API token) with whose it is, and all that they were granted."""

    credential: C
    person: Person
    grants: tuple[Grant, ...]


class Failures(msgspec.Struct, frozen=True, kw_only=True):
    """Failed sign-ins in a row for one account or from one address."""

    count: int = 0
    last: int = 0  # when the last of them was
