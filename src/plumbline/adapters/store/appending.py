"""How events become entries, inside a turn of the writer."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from itertools import chain as chained
from struct import Struct
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, tuple_
from sqlalchemy.exc import IntegrityError

from plumbline.adapters.store.refusals import broken
from plumbline.adapters.store.savepoints import savepoint
from plumbline.adapters.store.schema import ledger as tables
from plumbline.adapters.store.subtrees import HASH, Subtrees
from plumbline.evidence import digests
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.event import LONGEST_NAME, NO_CHAIN, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from plumbline.model.event import EventDraft

BEHIND = 60_000_000  # microseconds that a clock may be behind the last entry without having been set back
_NUMBERS = Struct(">QQ").pack
_LOOKED_UP = 300  # at once
_COLUMNS = ("seq", "received", "source", "id", "type", "subject", "leaf", "chain", "body", "sender")
_BODY = _COLUMNS.index("body")
_AT_ONCE = 100  # rows in one statement
_entries = tables.entry.c
_LAST = select(_entries.seq, _entries.received, _entries.chain).order_by(_entries.seq.desc()).limit(1)

Row = tuple[int, int, str, str, str, str, bytes, bytes, bytes, bytes | None]  # of _COLUMNS


class Appender:
    """Knows the head of the ledger while its writer holds the turn. ``clock`` gives microseconds since the epoch."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._seq = 0
        self._received = 0  # when the last entry was
        self._chain = NO_CHAIN
        self._subtrees = Subtrees()

    def begin(self, connection: Connection) -> None:
        """A transaction begins: others may have appended since the last one."""
        row = connection.execute(_LAST).one_or_none()
        seq, received, chain = row or (0, 0, NO_CHAIN)
        if chain != self._chain:
            self._subtrees.forget()
        self._seq, self._received, self._chain = seq, received, chain

    def forget(self) -> None:
        """The transaction failed; what was appended in it is not there."""
        self._subtrees.forget()

    def append(self, connection: Connection, drafts: Sequence[EventDraft]) -> list[Entry]:
        """The entries of these events, new or as they are there already. Raises PlumblineError ``event-id-reused`` or
        ``event-name-unusable``; then nothing was appended."""
        return entries_of(self.place(connection, drafts, digests_of(drafts)))

    def place(self, connection: Connection, drafts: Sequence[EventDraft], digests: Sequence[bytes]) -> list[Row]:
        """The same where the digests were made before the turn, and the entries are made after it."""
        try:
            return self._insert(connection, drafts, digests)
        except IntegrityError:  # some are there already, or twice among these
            return self._missing(connection, drafts)

    def _insert(self, connection: Connection, drafts: Sequence[EventDraft], digests: Sequence[bytes]) -> list[Row]:
        if not (isinstance(self._chain, bytes) and len(self._chain) == HASH and isinstance(self._received, int)):
            raise broken(self._seq, self._seq)
        received, seq, chain = self._now(), self._seq, self._chain
        rows: list[Row] = []
        leaves = []
        for draft, digest in zip(drafts, digests, strict=True):
            seq += 1
            record = _NUMBERS(seq, received) + digest
            chain = sha256(chain + record).digest()
            leaf = sha256(b"\0" + record).digest()
            leaves.append(leaf)
            rows.append(
                (seq, received, draft.source, draft.id, draft.type, draft.subject, leaf, chain, draft.body,
                 draft.sender or None)
            )  # fmt: skip
        self._subtrees.follow(connection, self._seq)
        with savepoint(connection, "entries"):
            for at in range(0, len(rows), _AT_ONCE):
                part = rows[at : at + _AT_ONCE]
                statement = _insertion(connection.dialect.paramstyle, len(part))
                connection.exec_driver_sql(statement, tuple(chained.from_iterable(part)))
            self._subtrees.add(connection, leaves)
            if received < self._received:
                told = {"seq": self._seq + 1, "ended": self._received, "began": received}
                connection.execute(insert(tables.setback), told)
            scopes = [
                {"scope": draft.scope, "seq": row[0]} for draft, row in zip(drafts, rows, strict=True) if draft.scope
            ]
            if scopes:
                connection.execute(insert(tables.scope), scopes)
        self._seq, self._received, self._chain = seq, received, chain
        return rows

    def _now(self) -> int:
        """The clocks of several servers differ a little: what comes later is never a little earlier."""
        now = self._clock()
        return self._received if now < self._received <= now + BEHIND else now

    def _missing(self, connection: Connection, drafts: Sequence[EventDraft]) -> list[Row]:
        """Append those that are not there, and give all."""
        known = _known(connection, drafts)
        new: dict[tuple[str, str], EventDraft] = {}
        for draft in drafts:
            name = (draft.source, draft.id)
            there = known.get(name)
            body = there[_BODY] if there else new.setdefault(name, draft).body
            if body != draft.body:
                raise _reused(draft)
        if new:
            missing = list(new.values())
            known |= {(row[2], row[3]): row for row in self._insert(connection, missing, digests_of(missing))}
        return [known[draft.source, draft.id] for draft in drafts]


def head_of(connection: Connection) -> tuple[int, bytes]:
    """The number and the chain value of the last entry; 0 and NO_CHAIN where there is none."""
    row = connection.execute(_LAST).one_or_none()
    return (row.seq, row.chain) if row else (0, NO_CHAIN)


def digests_of(drafts: Sequence[EventDraft]) -> list[bytes]:
    """What each entry will commit to beside its number and time. Raises PlumblineError ``event-name-unusable``."""
    for draft in drafts:
        _check(draft)
    return [digests(draft.body, draft.sender) for draft in drafts]


def entries_of(rows: Sequence[Row]) -> list[Entry]:
    return [
        Entry(
            seq=seq,
            source=source,
            id=id_,
            type=type_,
            subject=subject,
            received=received,
            body=body,
            chain=chain,
            sender=sender or b"",
        )
        for seq, received, source, id_, type_, subject, _leaf, chain, body, sender in rows
    ]


@cache
def _insertion(paramstyle: str, count: int) -> str:
    """One statement for many rows: between rows, another thread could take the interpreter from us for long."""
    row = f"({', '.join(['?' if paramstyle == 'qmark' else '%s'] * len(_COLUMNS))})"
    return f"insert into ledger_entry ({', '.join(_COLUMNS)}) values {', '.join([row] * count)}"  # noqa: S608


def _known(connection: Connection, drafts: Sequence[EventDraft]) -> dict[tuple[str, str], Row]:
    names = sorted({(draft.source, draft.id) for draft in drafts})
    wanted = select(*(_entries[name] for name in _COLUMNS))
    known = {}
    for at in range(0, len(names), _LOOKED_UP):
        query = wanted.where(tuple_(_entries.source, _entries.id).in_(names[at : at + _LOOKED_UP]))
        for row in connection.execute(query):
            known[row.source, row.id] = tuple(row)
    return known


def _check(draft: EventDraft) -> None:
    for value in (draft.source, draft.id, draft.type, draft.subject):
        if (len(value) > LONGEST_NAME // 4 and len(value.encode()) > LONGEST_NAME) or "\0" in value:
            raise PlumblineError(
                "event-name-unusable",
                t("The event {id} has a name that cannot be kept: {value}", id=draft.id[:80], value=repr(value[:80])),
                t("Source, id, type and subject may have {limit} bytes, none of them NUL.", limit=LONGEST_NAME),
                kind=ErrorKind.REFUSED,
            )


def _reused(draft: EventDraft) -> PlumblineError:
    return PlumblineError(
        "event-id-reused",
        t("The ledger has another event with the id {id} of {source}.", id=draft.id, source=draft.source),
        t("An event is never changed: send what is new as an event of its own, with an id of its own."),
        kind=ErrorKind.REFUSED,
    )
