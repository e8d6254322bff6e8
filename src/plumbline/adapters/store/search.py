"""Entries that somebody looks for: from the whole ledger where an index tells which, else a part of it at a time."""

from __future__ import annotations

from hashlib import sha256
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, func, literal, not_, or_, select

from plumbline.adapters.store.appending import head_of
from plumbline.adapters.store.entries import ENTRY, entry_of
from plumbline.adapters.store.indexes import TYPES, Index
from plumbline.adapters.store.schema import ledger as tables
from plumbline.adapters.store.stretches import in_any
from plumbline.adapters.store.times import numbers_between, set_back_within
from plumbline.model.event import Entry, EntryFilter, FoundEntries
from plumbline.model.moves import Stretch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Table

    from plumbline.adapters.store.indexes import Condition

LOOKED_AT = 100_000  # entries that one look goes through where no index tells, WINDOW of them in a statement
WINDOW = 20_000
RARE = 5_000  # entries that are looked at one by one, LISTED of them in a statement
LISTED = 500
PARTS = 100  # that are left out of one look: databases bound how deep terms may be
OWN = 10_000  # newest entries that are found by the digest of their own bytes, which no index has
_entries, _scopes = tables.entry.c, tables.scope.c


def look(
    connection: Connection, wanted: EntryFilter, limit: int, *, start: int, newest: bool, reach: int = 0
) -> FoundEntries:
    """As in :class:`plumbline.model.ports.ledger.Ledger`."""
    low, high = numbers_between(connection, head_of(connection)[0], wanted.since, wanted.until)
    if wanted.part is not None:
        low, high = max(low, wanted.part.after + 1), min(high, wanted.part.upto)
    mixed = bool(wanted.since or wanted.until) and set_back_within(connection, low, high)
    if start and newest:
        high = min(high, start - 1)
    elif start:
        low = max(low, start + 1)
    if low > high or not _possible(wanted):
        return FoundEntries()
    reach = min(reach or LOOKED_AT, LOOKED_AT)
    return _Look(connection, wanted, limit, low=low, high=high, newest=newest, mixed=mixed, reach=reach).found()


def of_digest(connection: Connection, digest: bytes, limit: int) -> list[Entry]:
    """As in :class:`plumbline.model.ports.ledger.Ledger`."""
    digests = tables.named_digest.c
    named = select(digests.seq).where(digests.digest == digest).order_by(digests.seq.desc()).limit(limit)
    own = _with_digest(connection, digest)
    found = list(dict.fromkeys([*own, *connection.execute(named).scalars()]))[:limit]
    rows = {row.seq: row for row in connection.execute(ENTRY.where(_entries.seq.in_(found)))}
    return [entry_of(rows[seq]) for seq in found if seq in rows]


def naming(connection: Connection, digest: bytes, types: Collection[str], limit: int) -> list[Entry]:
    """As in :class:`plumbline.model.ports.ledger.Ledger`."""
    digests = tables.named_digest.c
    named = tables.named_digest.join(tables.entry, _entries.seq == digests.seq)
    wanted = ENTRY.select_from(named).where(digests.digest == digest, _entries.type.in_(types))
    return [entry_of(row) for row in connection.execute(wanted.order_by(digests.seq.desc()).limit(limit))]


def _with_digest(connection: Connection, digest: bytes) -> list[int]:
    """The newest entries whose own digest it is."""
    newest = select(_entries.seq, _entries.body).order_by(_entries.seq.desc()).limit(OWN)
    if connection.dialect.name == "postgresql":
        own = newest.subquery()
        query = select(own.c.seq).where(func.sha256(own.c.body) == digest).order_by(own.c.seq.desc())
        return list(connection.execute(query).scalars())
    rows = connection.execute(newest)
    return [seq for seq, body in rows if type(body) is bytes and sha256(body).digest() == digest]


def types(connection: Connection) -> list[str]:
    return [value for value in TYPES.values(connection) if isinstance(value, str)]


def _possible(wanted: EntryFilter) -> bool:
    """Whether any entry can be so: none has a NUL, or what is no character."""
    text = "".join(value for value in msgspec.structs.astuple(wanted) if isinstance(value, str))
    return not any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in text)


class _Look:
    """Among the entries from ``low`` to ``high``; ``mixed``: some may have been received at other times."""

    def __init__(
        self,
        connection: Connection,
        wanted: EntryFilter,
        limit: int,
        *,
        low: int,
        high: int,
        newest: bool,
        mixed: bool,
        reach: int,
    ) -> None:
        self._connection = connection
        self._wanted = wanted
        self._low, self._high = low, high
        self._limit = limit
        self._newest = newest
        self._has = func.instr if connection.dialect.name == "sqlite" else func.strpos
        self._indexes = list(self._told())
        self._mixed = mixed
        self._reach = reach

    def found(self) -> FoundEntries:
        """The first of these ways that leads through everything; the last goes as far as one look may."""
        more = self._wanted.text or self._wanted.within or self._mixed
        if len(self._indexes) == 1 and self._indexes[0].ordered and not more:
            return self._page(self._selected(_entries.seq.in_(self._nearest(self._indexes[0]))))
        for index in self._indexes:
            few = index.all(self._connection, self._low, self._high, RARE + 1)
            numbers = self._connection.execute(few).scalars().all()
            if len(numbers) <= RARE:
                return self._page(self._those(sorted(numbers, reverse=self._newest)))
        return self._looked_through()

    def _told(self) -> Iterator[Index]:
        """An index for each thing that is asked, the narrowest first."""
        wanted, entry = self._wanted, tables.entry
        if wanted.id:
            yield Index(entry, "source", also=(_entries.id == wanted.id,), ordered=False)
        if wanted.subject:
            yield Index(entry, "subject", within=(_entries.subject == wanted.subject,))
        if wanted.who:
            yield Index(tables.who, "who", within=(tables.who.c.who == wanted.who,))
        if wanted.scope:
            yield self._about()
        if wanted.kind or wanted.kind_begins:
            yield Index(entry, "type", fits=self._is_kind)
        if wanted.source:
            yield Index(entry, "source", within=(_entries.source == wanted.source,), ordered=False)

    def _about(self) -> Index:
        path = self._wanted.scope
        within = (_scopes.scope >= path, _scopes.scope < f"{path}0")  # "0" follows "/"
        others = self._wanted.part.without[:PARTS] if self._wanted.part is not None else ()
        return Index(
            tables.scope,
            "scope",
            within=within,
            fits=lambda value: and_(_is_within(value, path), *(not_(_is_within(value, one)) for one in others)),
        )

    def _is_kind(self, value: ColumnElement[str]) -> Condition:
        begins = self._wanted.kind_begins
        return (self._has(value, self._wanted.kind) > 0) & (func.substr(value, 1, len(begins)) == begins)

    def _nearest(self, index: Index) -> list[int]:
        """So many numbers of an index as are wanted, and one more: those that stand first under any of its values."""
        most, found = self._limit + 1, list[int]()
        values = index.nearest(self._connection, self._low, self._high, newest=self._newest)
        for number, value in sorted(values, key=itemgetter(0), reverse=self._newest):
            if len(found) == most and (number < found[-1]) is self._newest:
                break
            query = index.one(value, self._low, self._high, newest=self._newest).limit(most)
            more = self._connection.execute(query).scalars()
            found = sorted([*found, *more], reverse=self._newest)[:most]
        return found

    def _those(self, numbers: Sequence[int]) -> Iterator[Entry]:
        """Those of these entries that are wanted."""
        for at in range(0, len(numbers), LISTED):
            part = numbers[at : at + LISTED]
            yield from self._selected(_entries.seq.in_(part), *self._conditions())

    def _looked_through(self) -> FoundEntries:
        found, end = list[Entry](), self._low if self._newest else self._high
        reached = end
        for low, high in self._windows():
            reached = low if self._newest else high
            inside = _entries.seq.between(low, high)
            found += self._selected(inside, *self._conditions(), most=self._limit + 1 - len(found))
            if len(found) > self._limit:
                return self._page(found)
        return FoundEntries(entries=tuple(found), next=0 if reached == end else reached)

    def _windows(self) -> Iterator[tuple[int, int]]:
        for at in range(0, min(self._reach, self._high - self._low + 1), WINDOW):
            if self._newest:
                yield max(self._low, self._high - at - WINDOW + 1), self._high - at
            else:
                yield self._low + at, min(self._high, self._low + at + WINDOW - 1)

    def _selected(self, *conditions: Condition, most: int | None = None) -> Iterator[Entry]:
        order = _entries.seq.desc() if self._newest else _entries.seq
        return map(entry_of, self._connection.execute(ENTRY.where(*conditions).order_by(order).limit(most)))

    def _page(self, entries: Iterable[Entry]) -> FoundEntries:
        found = list(islice(entries, self._limit + 1))
        if len(found) > self._limit:
            return FoundEntries(entries=tuple(found[: self._limit]), next=found[self._limit - 1].seq)
        return FoundEntries(entries=tuple(found))

    def _conditions(self) -> Iterator[Condition]:
        """What entries must be."""
        wanted = self._wanted
        if wanted.kind or wanted.kind_begins:
            yield self._is_kind(_entries.type)
        if wanted.id:
            yield _entries.id == wanted.id
        if wanted.subject:
            yield _entries.subject == wanted.subject
        if wanted.source:
            yield _entries.source.concat("") == wanted.source  # not by its index, which is in another order
        if wanted.scope:
            yield _beside(tables.scope, in_any((wanted.part or Stretch(wanted.scope, self._high),)))
        if wanted.within:
            yield _beside(tables.scope, in_any(wanted.within))
        if wanted.who:
            yield _beside(tables.who, tables.who.c.who == wanted.who)
        if wanted.text:
            yield or_(
                *(self._has(column, wanted.text) > 0 for column in (_entries.subject, _entries.id, _entries.source))
            )
        if wanted.since:
            yield _entries.received >= wanted.since
        if wanted.until:
            yield _entries.received < wanted.until


def _beside(table: Table, condition: Condition) -> Condition:
    """Whether such a row stands beside an entry."""
    return select(literal(1)).where(table.c.seq == _entries.seq, condition).correlate(tables.entry).exists()


def _is_within(value: ColumnElement[str], path: str) -> Condition:
    return (value == path) | (func.substr(value, 1, len(path) + 1) == f"{path}/")
