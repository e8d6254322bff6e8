"""Registered sources in a database. Implements the port ``Sources``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, update
from sqlalchemy.exc import IntegrityError

from plumbline.adapters.store import rows
from plumbline.adapters.store.plain import ask
from plumbline.adapters.store.schema import sources as tables
from plumbline.adapters.store.upsert import upsert
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.source import Source, SourceRefusal, SourceTally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_source, _tally, _refusal = tables.source, tables.tally, tables.refusal
_ALL = rows.query(Source, _source)
_BY_ID = _ALL.where(_source.c.id == bindparam("id"))
_BY_NAME = _ALL.where(_source.c.name == bindparam("name"))
_BY_TOKEN = _ALL.where(_source.c.token == bindparam("token"))
_USED = "select coalesce(sum(events), 0), coalesce(sum(bytes), 0) from source_tally where source = ? and day = ?"
_VERSION = "select version from source where id = ?"
_COUNT = (
    'insert into source_tally (source, day, kind, events, bytes, late, "first", "last") '
    "values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (source, day, kind) do update "
    "set events = source_tally.events + excluded.events, "
    "bytes = source_tally.bytes + excluded.bytes, late = source_tally.late + excluded.late, "
    '"last" = excluded."last"'
)


class SqlSources:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def get(self, id: int) -> Source | None:  # noqa: A002
        return rows.first(self._on, Source, _BY_ID, id=id)

    def named(self, name: str) -> Source | None:
        return rows.first(self._on, Source, _BY_NAME, name=name)

    def of_token(self, token: str) -> Source | None:
        return rows.first(self._on, Source, _BY_TOKEN, token=token)

    def all(self) -> Sequence[Source]:
        return rows.every(self._on, Source, _ALL.order_by(_source.c.name))

    def add(self, source: Source) -> Source:
        try:
            with self._on.begin_nested():
                return rows.add(self._on, _source, source)
        except IntegrityError as error:
            raise PlumblineError(
                "name-taken",
                t("There is a source named {name} already.", name=source.name),
                t("Choose another name; one is never given twice, since the ledger names sources by it."),
                kind=ErrorKind.REFUSED,
            ) from error

    def change(self, source: Source) -> bool:
        row = rows.row_of(msgspec.structs.replace(source, version=source.version + 1), "id", "name")
        same = update(_source).where(_source.c.id == source.id, _source.c.version == source.version)
        return self._on.execute(same.values(row)).rowcount == 1

    def version(self, id: int) -> int:  # noqa: A002
        [(found,)] = ask(self._on, _VERSION, (id,)) or [(-1,)]
        return int(found)

    def used(self, source: int, day: int) -> tuple[int, int]:
        [(events, size)] = ask(self._on, _USED, (source, day))
        return int(events), int(size)

    def count(self, tally: SourceTally) -> None:
        ask(self._on, _COUNT, msgspec.structs.astuple(tally))

    def refused(self, refusal: SourceRefusal) -> None:
        upsert(self._on, _refusal, rows.row_of(refusal), count=_refusal.c.count + refusal.count)

    def tallies(self, source: int) -> Sequence[SourceTally]:
        wanted = rows.query(SourceTally, _tally).where(_tally.c.source == source)
        return rows.every(self._on, SourceTally, wanted.order_by(_tally.c.day, _tally.c.kind))

    def refusals(self, source: int) -> Sequence[SourceRefusal]:
        wanted = rows.query(SourceRefusal, _refusal).where(_refusal.c.source == source)
        return rows.every(self._on, SourceRefusal, wanted.order_by(_refusal.c.last.desc(), _refusal.c.reason))
