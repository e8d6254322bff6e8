"""People and what they sign in with, in a database. Implements the protocols of :mod:`plumbline.model.ports.people`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from plumbline.adapters.store import rows
from plumbline.adapters.store.naming import asked, holds, values
from plumbline.adapters.store.schema import people as tables
from plumbline.adapters.store.upsert import insert_new, upsert
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.person import Alias, ApiToken, Failures, Grant, Held, Person, Role, Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msgspec import Struct

K = TypeVar("K", Session, ApiToken)

_person, _credential, _session, _token = tables.person, tables.credential, tables.session, tables.token
_grant, _attempt, _alias = tables.grant, tables.attempt, tables.alias
_PERSON = rows.query(Person, _person).where(_person.c.id == bindparam("id"))
_TOKEN = rows.query(ApiToken, _token).where(_token.c.id == bindparam("id"))
_GRANTS = rows.query(Grant, _grant).order_by(_grant.c.node, _grant.c.person, _grant.c.role)
_GRANTS_OF = _GRANTS.where(_grant.c.person == bindparam("person"))


def _held_by(kind: type[Struct], table: Table) -> Select[Any]:
    """What a person signs in with, the person, and a row for each of their grants, or one without any."""
    found = select(*rows.columns(kind, table), *rows.columns(Person, _person), *rows.columns(Grant, _grant))
    joined = table.join(_person, _person.c.id == table.c.person).outerjoin(_grant, _grant.c.person == _person.c.id)
    return found.select_from(joined).order_by(_grant.c.node, _grant.c.role)


_SESSION_HELD = _held_by(Session, _session).where(_session.c.digest == bindparam("digest"))
_TOKEN_HELD = _held_by(ApiToken, _token).where(_token.c.id == bindparam("id"))


@cache
def _like(*, sqlite: bool, plain: bool) -> Select[Any]:
    columns = (_person.c.name, _person.c.title, _person.c.email)
    found = [holds(column, sqlite=sqlite, plain=plain) for column in columns]
    query = rows.query(Person, _person).where(or_(*(has for has, _ in found)))
    return query.order_by(or_(*(begins for _, begins in found)).desc(), _person.c.name).limit(bindparam("limit"))


class SqlPeople:
    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def add(self, person: Person) -> Person:
        try:
            with self._on.begin_nested():
                return rows.add(self._on, _person, person)
        except IntegrityError as error:
            raise PlumblineError(
                "person-exists",
                t("There is a person named {name} already.", name=person.name),
                t("Choose another name; one is never given twice, since the ledger names people by it."),
                kind=ErrorKind.REFUSED,
            ) from error

    def save(self, person: Person) -> bool:
        return rows.save(self._on, _person, person, "name", "password_changed", "created")

    def get(self, person: int) -> Person | None:
        return rows.first(self._on, Person, _PERSON, id=person)

    def named(self, name: str) -> Person | None:
        return rows.first(self._on, Person, rows.query(Person, _person).where(_person.c.name == name))

    def all(self) -> Sequence[Person]:
        return rows.every(self._on, Person, rows.query(Person, _person).order_by(_person.c.name))

    def like(self, text: str, limit: int) -> Sequence[Person]:
        sqlite, plain, _ = asked(self._on, text)
        return rows.every(self._on, Person, _like(sqlite=sqlite, plain=plain), **values(text, limit))

    def count(self) -> int:
        return rows.count(self._on, _person)

    def password(self, person: int) -> str | None:
        return self._on.execute(select(_credential.c.hash).where(_credential.c.person == person)).scalar()

    def set_password(self, person: int, hashed: str, changed: int | None) -> bool:
        if self.get(person) is None:
            return False
        upsert(self._on, _credential, {"person": person, "hash": hashed})
        if changed is not None:
            self._on.execute(update(_person).where(_person.c.id == person).values(password_changed=changed))
        return True


class SqlSessions:
    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def add(self, session: Session) -> None:
        self._on.execute(_session.insert().values(rows.row_of(session)))

    def held(self, digest: bytes) -> Held[Session] | None:
        return _held(Session, self._on.execute(_SESSION_HELD, {"digest": digest}).all())

    def seen(self, digest: bytes, at: int) -> None:
        self._on.execute(update(_session).where(_session.c.digest == digest).values(seen=at))

    def of(self, person: int) -> Sequence[Session]:
        selected = rows.query(Session, _session).where(_session.c.person == person)
        return rows.every(self._on, Session, selected.order_by(_session.c.created.desc(), _session.c.digest))

    def remove(self, digest: bytes) -> bool:
        return self._on.execute(delete(_session).where(_session.c.digest == digest)).rowcount == 1

    def remove_all(self, person: int, *, but: bytes = b"") -> int:
        ended = delete(_session).where(_session.c.person == person, _session.c.digest != but)
        return self._on.execute(ended).rowcount

    def sweep(self, *, created_before: int, seen_before: int) -> int:
        old = or_(_session.c.created < created_before, _session.c.seen < seen_before)
        return self._on.execute(delete(_session).where(old)).rowcount


class SqlTokens:
    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def add(self, token: ApiToken) -> None:
        self._on.execute(_token.insert().values(rows.row_of(token)))

    def get(self, token: str) -> ApiToken | None:
        return rows.first(self._on, ApiToken, _TOKEN, id=token)

    def held(self, token: str) -> Held[ApiToken] | None:
        return _held(ApiToken, self._on.execute(_TOKEN_HELD, {"id": token}).all())

    def of(self, person: int | None) -> Sequence[ApiToken]:
        selected = rows.query(ApiToken, _token).order_by(_token.c.created.desc(), _token.c.id)
        return rows.every(self._on, ApiToken, selected if person is None else selected.where(_token.c.person == person))

    def used(self, token: str, at: int) -> None:
        self._on.execute(update(_token).where(_token.c.id == token).values(used=at))

    def revoke(self, token: str, at: int) -> bool:
        changed = update(_token).where(_token.c.id == token, _token.c.revoked == 0).values(revoked=at)
        return self._on.execute(changed).rowcount == 1


class SqlGrants:
    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def add(self, grant: Grant) -> bool:
        return insert_new(self._on, _grant, rows.row_of(grant))

    def remove(self, person: int, node: int, role: Role) -> bool:
        columns = _grant.c
        gone = delete(_grant).where(columns.person == person, columns.node == node, columns.role == role)
        return self._on.execute(gone).rowcount == 1

    def of(self, person: int) -> Sequence[Grant]:
        return rows.every(self._on, Grant, _GRANTS_OF, person=person)

    def at(self, nodes: Sequence[int]) -> Sequence[Grant]:
        return self._where(_grant.c.node.in_(nodes))

    def having(self, role: Role) -> Sequence[Grant]:
        return self._where(_grant.c.role == role)

    def _where(self, condition: ColumnElement[bool]) -> Sequence[Grant]:
        return rows.every(self._on, Grant, _GRANTS.where(condition))


class SqlAliases:
    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def add(self, alias: Alias) -> bool:
        return insert_new(self._on, _alias, rows.row_of(alias))

    def remove(self, person: int, forge: str, name: str) -> bool:
        columns = _alias.c
        gone = delete(_alias).where(columns.person == person, columns.forge == forge, columns.name == name)
        return self._on.execute(gone).rowcount == 1

    def get(self, forge: str, name: str) -> Alias | None:
        found = rows.query(Alias, _alias).where(_alias.c.forge == forge, _alias.c.name == name)
        return rows.first(self._on, Alias, found)

    def of(self, person: int) -> Sequence[Alias]:
        found = rows.query(Alias, _alias).where(_alias.c.person == person)
        return rows.every(self._on, Alias, found.order_by(_alias.c.forge, _alias.c.name))


class SqlLoginAttempts:
    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def get(self, key: str) -> Failures:
        found = select(_attempt.c.count, _attempt.c.last).where(_attempt.c.key == key)
        return rows.first(self._on, Failures, found) or Failures()

    def failed(self, key: str, at: int) -> Failures:
        upsert(self._on, _attempt, {"key": key, "count": 1, "last": at}, count=_attempt.c.count + 1)
        return self.get(key)

    def clear(self, key: str) -> None:
        self._on.execute(delete(_attempt).where(_attempt.c.key == key))

    def sweep(self, before: int) -> int:
        return self._on.execute(delete(_attempt).where(_attempt.c.last < before)).rowcount


def _held(kind: type[K], found: Sequence[Any]) -> Held[K] | None:
    if not found:
        return None
    first = len(kind.__struct_fields__)
    second = first + len(Person.__struct_fields__)
    [credential] = rows.structs(kind, kind.__struct_fields__, [found[0][:first]])
    [person] = rows.structs(Person, Person.__struct_fields__, [found[0][first:second]])
    grants = [row[second:] for row in found if row[second] is not None]
    return Held(credential, person, tuple(rows.structs(Grant, Grant.__struct_fields__, grants)))
