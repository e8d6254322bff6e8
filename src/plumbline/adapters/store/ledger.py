"""The ledger in a database. Implements :class:`plumbline.model.Ledger`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Select, insert, select

from plumbline.adapters.store.appending import digests_of, entries_of
from plumbline.adapters.store.schema import ledger as tables
from plumbline.adapters.store.subtrees import fold
from plumbline.model import NO_CHAIN, SUBTREE_LEVELS, Checkpoint, Entry, paths_above

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import Any

    from sqlalchemy import Connection

    from plumbline.adapters.store.appending import Appender
    from plumbline.adapters.store.writer import Writer
    from plumbline.model import EventDraft

_READ = 1000  # entries fetched at once
_entries = tables.entry.c
_ENTRY = select(
    _entries.seq,
    _entries.source,
    _entries.id,
    _entries.type,
    _entries.subject,
    _entries.received,
    _entries.body,
    _entries.chain,
)

_LAST = select(_entries.seq, _entries.chain).order_by(_entries.seq.desc()).limit(1)


class SqlLedger:
    """``view`` opens a connection for reading. Safe to use from several threads; callers share commits."""

    def __init__(
        self, writer: Writer, appender: Appender, view: Callable[[], AbstractContextManager[Connection]]
    ) -> None:
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
        return self._pages(_ENTRY, from_seq, limit)

    def of_subject(self, subject: str, from_seq: int = 1, limit: int | None = None) -> Iterator[Entry]:
        """Entries about one subject, in order."""
        return self._pages(_ENTRY.where(_entries.subject == subject), from_seq, limit)

    def of_types(self, types: Sequence[str], from_seq: int = 1, limit: int | None = None) -> Iterator[Entry]:
        """Entries of these types, in order."""
        return self._pages(_ENTRY.where(_entries.type.in_(types)), from_seq, limit)

    def of_scope(self, path: str, upto: int) -> Iterator[Entry]:
        """Entries up to a number about a node of the tree, about what is below it, and about the nodes above it."""
        scope = tables.scope.c
        inside = (scope.scope == path) | ((scope.scope >= f"{path}/") & (scope.scope < f"{path}0"))
        wanted = select(scope.seq).where(inside | scope.scope.in_(paths_above(path)), scope.seq <= upto)
        query = _ENTRY.where(_entries.seq.in_(wanted)).order_by(_entries.seq).execution_options(yield_per=_READ)
        with self._view() as connection:
            yield from map(_entry, connection.execute(query))

    def filed(self, after: int) -> Iterator[tuple[int, bytes, tuple[str, ...]]]:
        """What is stored beside each entry with a larger number: the number, its Merkle hash, and its scopes."""
        scope = tables.scope.c
        leaves = select(_entries.seq, _entries.leaf).where(_entries.seq > after).order_by(_entries.seq)
        scopes = select(scope.seq, scope.scope).where(scope.seq > after).order_by(scope.seq, scope.scope)
        with self._view() as connection, self._view() as other:
            found = iter(other.execute(scopes.execution_options(yield_per=_READ)))
            pending = next(found, None)
            for seq, leaf in connection.execute(leaves.execution_options(yield_per=_READ)):
                own: list[str] = []
                while pending is not None and pending.seq <= seq:
                    own += [pending.scope] if pending.seq == seq else []
                    pending = next(found, None)
                yield seq, leaf, tuple(own)

    def newest(self, limit: int, before: int | None = None) -> list[Entry]:
        """Entries with a smaller number than ``before``, the newest first."""
        query = _ENTRY.order_by(_entries.seq.desc()).limit(limit)
        with self._view() as connection:
            rows = connection.execute(query if before is None else query.where(_entries.seq < before)).all()
        return [_entry(row) for row in rows]

    def size(self) -> int:
        return self.head()[0]

    def head(self) -> tuple[int, bytes]:
        with self._view() as connection:
            return head_of(connection)

    def find(self, source: str, id: str) -> Entry | None:  # noqa: A002
        return self._one(_ENTRY.where(_entries.source == source, _entries.id == id))

    def entry(self, seq: int) -> Entry | None:
        return self._one(_ENTRY.where(_entries.seq == seq))

    def node(self, level: int, index: int) -> bytes:
        """As in :class:`plumbline.model.Ledger`; LookupError where the ledger has not so many entries."""
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
            hashes = list(found)
        if len(hashes) != count:
            raise LookupError(f"no complete subtree {level}/{index}")
        return fold(hashes)

    def checkpoints(self) -> list[Checkpoint]:
        columns = tables.checkpoint.c
        with self._view() as connection:
            rows = connection.execute(select(tables.checkpoint).order_by(columns.size, columns.id)).mappings().all()
        return [Checkpoint(**{name: row[name] for name in Checkpoint.__struct_fields__}) for row in rows]

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
        return _entry(row) if row else None

    def _pages(self, query: Select[Any], from_seq: int, limit: int | None) -> Iterator[Entry]:
        """Page by page, so that no transaction stays open while somebody thinks about an entry."""
        left = limit
        while left is None or left > 0:
            size = _READ if left is None else min(left, _READ)
            with self._view() as connection:
                rows = connection.execute(
                    query.where(_entries.seq >= from_seq).order_by(_entries.seq).limit(size)
                ).all()
            yield from map(_entry, rows)
            if len(rows) < size:
                return
            from_seq = rows[-1].seq + 1
            left = None if left is None else left - size


def head_of(connection: Connection) -> tuple[int, bytes]:
    """The number and the chain value of the last entry; 0 and NO_CHAIN where there is none."""
    row = connection.execute(_LAST).one_or_none()
    return (row.seq, row.chain) if row else (0, NO_CHAIN)


def _entry(row: Any) -> Entry:
    seq, source, id_, type_, subject, received, body, chain = row
    return Entry(seq=seq, source=source, id=id_, type=type_, subject=subject, received=received, body=body, chain=chain)
