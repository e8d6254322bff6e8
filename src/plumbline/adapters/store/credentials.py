"""What private repositories ask for, in a database. Implements the port ``RepositoryCredentials``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from plumbline.adapters.store import rows
from plumbline.adapters.store.schema.credentials import credential as table
from plumbline.adapters.store.upsert import upsert
from plumbline.model.repository_credential import RepositoryCredential

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

_columns = table.c


class SqlRepositoryCredentials:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def at(self, nodes: Sequence[int]) -> Sequence[RepositoryCredential]:
        selected = rows.query(RepositoryCredential, table).where(_columns.node.in_(nodes))
        return sorted(rows.every(self._on, RepositoryCredential, selected), key=_place)

    def put(self, credential: RepositoryCredential) -> bool:
        was_there = self._on.execute(select(_columns.node).where(*_named(credential))).first()
        upsert(self._on, table, rows.row_of(credential))
        return was_there is None

    def remove(self, node: int, scheme: str, host: str) -> bool:
        gone = delete(table).where(_columns.node == node, _columns.scheme == scheme, _columns.host == host)
        return self._on.execute(gone).rowcount == 1

    def all(self) -> Sequence[RepositoryCredential]:
        return sorted(rows.every(self._on, RepositoryCredential, rows.query(RepositoryCredential, table)), key=_place)

    def reseal(self, credential: RepositoryCredential, sealed: bytes) -> bool:
        changed = update(table).where(*_named(credential), _columns.sealed == credential.sealed)
        return self._on.execute(changed.values(sealed=sealed)).rowcount == 1


def _place(credential: RepositoryCredential) -> tuple[str, str, int]:
    return credential.host, credential.scheme.value, credential.node


def _named(credential: RepositoryCredential) -> tuple[ColumnElement[bool], ...]:
    return (
        _columns.node == credential.node,
        _columns.scheme == credential.scheme.value,
        _columns.host == credential.host,
    )
