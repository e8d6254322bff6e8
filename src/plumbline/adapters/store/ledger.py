"""The ledger in a database. Implements the port ``Ledger``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import insert, select

from plumbline.adapters.store.appending import digests_of, entries_of, head_of
from plumbline.adapters.store.entries import ENTRY, TEXT, checkpoint_of, entry_of, text_of
from plumbline.adapters.store.refusals import broken
from plumbline.adapters.store.schema import ledger as tables
from plumbline.adapters.store.search import look, naming, of_digest, types
from plumbline.adapters.store.stretches import numbers_in
from plumbline.adapters.store.subtrees import HASH, fold
from plumbline.model.event import SUBTREE_LEVELS, Checkpoint, Entry
from plumbline.model.moves import NO_MOVES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import Any

    from sqlalchemy import Connection, Select, Table

    from plumbline.adapters.store.appending import Appender
    from plumbline.adapters.store.writer import Writer
    from plumbline.model.event import EntryFilter, EntryText, EventDraft, FoundEntries
    from plumbline.model.moves import Moves

    Filed = tuple[int, bytes, tuple[str, ...] | None, tuple[int, int] | None, tuple[str, ...] | None]

_READ = 1000  # entries fetched at once
_entries = tables.entry.c


class SqlLedger:
    """``view`` opens a connection for reading. Safe to use from several threads; callers share commits."""

    def __init__(
        self,
        writer: Writer,
        appender: Appender,
        view: Callable[[], AbstractContextManager[Connection]],
        missing: frozenset[str] = frozenset(),
    ) -> None:
        """``missing``: tables that an older revision does not have."""
        self._missing = missing
        self._writer = writer
        self._appender = appender
        self._view = view

    def append(self, drafts: Sequence[EventDraft]) -> list[Entry]:
        if not drafts:
            return []
        digests = digests_of(drafts)
        with self._writer.turn() as connection:
            rows = self._appender.place(connection, drafts, digests)
        return entries_of(rows)

    def read(self, from_seq: int = 1, limit: int | None = None) -> Iterator[Entry]:
        return self._pages(ENTRY, from_seq, limit)

    def of_subject(self, subject: str, from_seq: int = 1, limit: int | None = None) -> Iterator[Entry]:
        """Entries about one subject, in order."""
        return self._pages(ENTRY.where(_entries.subject == subject), from_seq, limit)

    def of_types(self, types: Sequence[str], from_seq: int = 1, limit: int | None = None) -> Iterator[Entry]:
        """Entries of these types, in order."""
        return self._pages(ENTRY.where(_entries.type.in_(types)), from_seq, limit)

    def of_scope(self, path: str, upto: int, moves: Moves = NO_MOVES) -> Iterator[EntryText]:
        """As in :class:`plumbline.model.ports.ledger.Ledger`."""
        around = moves.around(path, upto)
        wanted = numbers_in((*around.stretches, *around.above))
        query = TEXT.where(_entries.seq.in_(wanted)).order_by(_entries.seq).execution_options(yield_per=_READ)
        with self._view() as connection:
            for rows in connection.execute(query).partitions(_READ):
                yield from map(text_of, rows)

    def look(
        self, wanted: EntryFilter, limit: int, *, start: int = 0, newest: bool = True, reach: int = 0
    ) -> FoundEntries:
        """As in :class:`plumbline.model.ports.ledger.Ledger`."""
        with self._view() as connection:
            return look(connection, wanted, limit, start=start, newest=newest, reach=reach)

    def of_digest(self, digest: bytes, limit: int) -> list[Entry]:
        """As in :class:`plumbline.model.ports.ledger.Ledger`."""
        with self._view() as connection:
            return of_digest(connection, digest, limit)

    def naming(self, digest: bytes, types: Collection[str], limit: int) -> list[Entry]:
        """As in :class:`plumbline.model.ports.ledger.Ledger`."""
        with self._view() as connection:
            return naming(connection, digest, types, limit)

    def types(self) -> list[str]:
        with self._view() as connection:
            return types(connection)

    def filed(self, after: int) -> Iterator[Filed]:
        """What is stored beside each entry with a larger number: the number, its Merkle hash, its scopes (None: of an
        older revision, which keeps none), the times of the entry before it and of itself where the clock was set back
        between them (an older revision keeps none, so no entry contradicts it), and who did it (None: as scopes)."""
        if self._missing & {tables.scope.name, tables.setback.name}:
            yield from self._filed_before(after)
            return
        with self._view() as connection:  # one for all four: what is appended meanwhile is in none of them
            about = _Beside(connection, tables.scope, after)
            times = _Beside(connection, tables.setback, after)
            names = _Beside(connection, tables.who, after)
            named = tables.who.name not in self._missing
            for seq, leaf in connection.execute(_after(tables.entry, after, "seq", "leaf")):
                told = times.of(seq)
                yield (
                    seq,
                    leaf,
                    tuple(str(row.scope) for row in about.of(seq)),
                    (told[0].ended, told[0].began) if told else None,
                    tuple(str(row.who) for row in names.of(seq)) if named else None,
                )

    def _filed_before(self, after: int) -> Iterator[Filed]:
        with self._view() as connection:
            about = _Beside(connection, tables.scope, after)
            kept = tables.scope.name not in self._missing
            before: Any = connection.execute(select(_entries.received).where(_entries.seq == after)).scalar()
            for seq, leaf, received in connection.execute(_after(tables.entry, after, "seq", "leaf", "received")):
                back = type(before) is type(received) is int and before > received
                scopes = tuple(str(row.scope) for row in about.of(seq)) if kept else None
                yield seq, leaf, scopes, (before, received) if back else None, None
                before = received

    def newest(self, limit: int, before: int | None = None) -> list[Entry]:
        """Entries with a smaller number than ``before``, the newest first."""
        query = ENTRY.order_by(_entries.seq.desc()).limit(limit)
        with self._view() as connection:
            rows = connection.execute(query if before is None else query.where(_entries.seq < before)).all()
        return [entry_of(row) for row in rows]

    def size(self) -> int:
        return self.head()[0]

    def head(self) -> tuple[int, bytes]:
        with self._view() as connection:
            return head_of(connection)

    def find(self, source: str, id: str) -> Entry | None:  # noqa: A002
        return self._one(ENTRY.where(_entries.source == source, _entries.id == id))

    def entry(self, seq: int) -> Entry | None:
        return self._one(ENTRY.where(_entries.seq == seq))

    def node(self, level: int, index: int) -> bytes:
        """As in :class:`plumbline.model.ports.ledger.Ledger`."""
        base = level - level % SUBTREE_LEVELS
        first, count = index << (level - base), 1 << (level - base)
        if base:
            column, place = tables.node.c.hash, tables.node.c.index
            query = select(column).where(tables.node.c.level == base)
        else:
            column, place, first = _entries.leaf, _entries.seq, first + 1
            query = select(column)
        with self._view() as connection:
            found = connection.execute(query.where(place >= first, place < first + count).order_by(place)).scalars()
            hashes = [hash_ for hash_ in found if isinstance(hash_, bytes) and len(hash_) == HASH]
        if len(hashes) != count:
            raise broken((index << level) + 1, (index + 1) << level)
        return fold(hashes)

    def checkpoints(self) -> list[Checkpoint]:
        columns = tables.checkpoint.c
        with self._view() as connection:
            rows = connection.execute(select(tables.checkpoint).order_by(columns.size, columns.id)).mappings().all()
        return [checkpoint_of(row) for row in rows]

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """The same one twice is kept once."""
        columns = tables.checkpoint.c
        with self._writer.turn() as connection:
            same = select(columns.note).where(columns.origin == checkpoint.origin, columns.size == checkpoint.size)
            if checkpoint.note not in connection.execute(same).scalars().all():
                connection.execute(insert(tables.checkpoint).values(msgspec.structs.asdict(checkpoint)))

    def _one(self, query: Select[Any]) -> Entry | None:
        with self._view() as connection:
            row = connection.execute(query).one_or_none()
        return entry_of(row) if row else None

    def _pages(self, query: Select[Any], from_seq: int, limit: int | None) -> Iterator[Entry]:
        """Page by page, so that no transaction stays open while somebody thinks about an entry."""
        left = limit
        while left is None or left > 0:
            size = _READ if left is None else min(left, _READ)
            with self._view() as connection:
                rows = connection.execute(
                    query.where(_entries.seq >= from_seq).order_by(_entries.seq).limit(size)
                ).all()
            yield from map(entry_of, rows)
            if len(rows) < size:
                return
            from_seq = rows[-1].seq + 1
            left = None if left is None else left - size


def _after(table: Table, after: int, *columns: str) -> Select[Any]:
    """Rows of later entries, in their order."""
    wanted = select(*(table.c[name] for name in columns)) if columns else select(table)
    return wanted.where(table.c.seq > after).order_by(table.c.seq).execution_options(yield_per=_READ)


class _Beside:
    """Rows of a table in the order of their entries, handed out entry by entry."""

    def __init__(self, connection: Connection, table: Table, after: int) -> None:
        self._rows = iter(connection.execute(_after(table, after)))
        self._next = next(self._rows, None)

    def of(self, seq: int) -> list[Any]:
        found = []
        while self._next is not None and self._next.seq <= seq:
            if self._next.seq == seq:
                found.append(self._next)
            self._next = next(self._rows, None)
        return found
