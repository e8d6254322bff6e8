"""What forges are to be told, in a database. Implements the port ``Tellings``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import delete, insert, select, update

from plumbline.adapters.store.schema import gates as tables
from plumbline.model.ready import ready
from plumbline.model.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row, Select

_telling = tables.telling
_columns = _telling.c
_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(ready(Telling))


class SqlTellings:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def named(self, project: int, name: str) -> Telling | None:
        return self._first(select(_telling).where(_columns.project == project, _columns.name == name))

    def get(self, telling: int) -> Telling | None:
        return self._first(select(_telling).where(_columns.id == telling))

    def put(self, telling: Telling) -> Telling:
        values = {
            "host": telling.host,
            "due": telling.due,
            "stopped": telling.stopped,
            "changed": telling.changed,
            "record": _encode(telling),
        }
        if telling.id:
            self._on.execute(update(_telling).where(_columns.id == telling.id).values(**values))
            return telling
        named = {"project": telling.project, "name": telling.name}
        made: Any = self._on.execute(insert(_telling).values(**named, **values))
        return msgspec.structs.replace(telling, id=int(made.inserted_primary_key[0]))

    def due(self, now: int, limit: int) -> Sequence[Telling]:
        wanted = select(_telling).where(_columns.due > 0, _columns.due <= now)
        return self._every(wanted.order_by(_columns.due, _columns.id).limit(limit))

    def waiting(self, host: str) -> Sequence[Telling]:
        wanted = select(_telling).where(_columns.due > 0, _columns.host == host)
        return self._every(wanted.order_by(_columns.due, _columns.id))

    def stopped(self, project: int | None = None) -> Sequence[Telling]:
        wanted = select(_telling).where(_columns.stopped > 0)
        if project is not None:
            wanted = wanted.where(_columns.project == project)
        return self._every(wanted.order_by(_columns.stopped.desc(), _columns.id.desc()))

    def of_project(self, project: int, limit: int) -> Sequence[Telling]:
        wanted = select(_telling).where(_columns.project == project)
        return self._every(wanted.order_by(_columns.changed.desc(), _columns.id.desc()).limit(limit))

    def forget(self, before: int, limit: int) -> int:
        old = (_columns.due == 0, _columns.changed < before, _columns.name.startswith("status:"))
        some = select(_columns.id).where(*old).order_by(_columns.id).limit(limit)
        return self._on.execute(delete(_telling).where(_columns.id.in_(some))).rowcount

    def _first(self, wanted: Select[Any]) -> Telling | None:
        row = self._on.execute(wanted).first()
        return _read(row) if row is not None else None

    def _every(self, wanted: Select[Any]) -> list[Telling]:
        return [_read(row) for row in self._on.execute(wanted)]


def _read(row: Row[Any]) -> Telling:
    return msgspec.structs.replace(_decoder.decode(row.record), id=row.id)
