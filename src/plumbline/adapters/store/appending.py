"""How events become entries, inside a turn of the writer."""

from __future__ import annotations

from hashlib import sha256
from itertools import chain as chained
from struct import Struct
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from plumbline.adapters.store.digests_named import digests_in
from plumbline.adapters.store.plain import ask, places
from plumbline.adapters.store.refusals import broken
from plumbline.adapters.store.savepoints import savepoint
from plumbline.adapters.store.subtrees import HASH, Subtrees
from plumbline.evidence import digests
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.event import LONGEST_NAME, NO_CHAIN, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection

    from plumbline.model.event import EventDraft

BEHIND = 60_000_000  # microseconds that a clock may be behind the last entry without having been set back
_NUMBERS = Struct(">QQ").pack
_COLUMNS = ("seq", "received", "source", "id", "type", "subject", "leaf", "chain", "body", "sender")
_SOURCE, _ID = _COLUMNS.index("source"), _COLUMNS.index("id")
_BODY = _COLUMNS.index("body")
# Rows in one statement: between statements, another thread could take the interpreter from us for long.
_AT_ONCE = 500
_LAST = "select seq, received, chain from ledger_entry order by seq desc limit 1"
_FIND = f"select {', '.join(_COLUMNS)} from ledger_entry where source = ? and id = ?"  # noqa: S608
FIND_MANY = (  # joined crosswise: of a list of pairs SQLite makes a walk through the whole table
    f"select {', '.join(_COLUMNS)} from (values {{}}) as wanted cross join ledger_entry "  # noqa: S608
    "where source = wanted.column1 and id = wanted.column2"
)
_INSERT = f"insert into ledger_entry ({', '.join(_COLUMNS)}) values "  # noqa: S608
_INSERT_SCOPES = "insert into ledger_scope (scope, seq) values "
_INSERT_WHO = "insert into ledger_who (who, seq) values "
_INSERT_DIGESTS = "insert into named_digest (digest, seq) values "
_INSERT_SETBACK = "insert into ledger_setback (seq, ended, began) values (?, ?, ?)"

Row = tuple[Any, ...]  # of _COLUMNS: int, int, str, str, str, str, bytes, bytes, bytes, bytes | None


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
        seq, received, chain = _last(connection)
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
        first = seq + 1
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
            _write(connection, _INSERT, rows)
            self._subtrees.add(connection, leaves)
            if received < self._received:
                ask(connection, _INSERT_SETBACK, (self._seq + 1, self._received, received))
            _write(
                connection, _INSERT_SCOPES, [(draft.scope, at) for at, draft in enumerate(drafts, first) if draft.scope]
            )
            _write(connection, _INSERT_WHO, [(draft.who, at) for at, draft in enumerate(drafts, first) if draft.who])
            named = [(digest, at) for at, draft in enumerate(drafts, first) for digest in digests_in(draft.body)]
            _write(connection, _INSERT_DIGESTS, named)
        self._seq, self._received, self._chain = seq, received, chain
        return rows

    def _now(self) -> int:
        """The clocks of several servers differ a little: what comes later is never a little earlier."""
        now = self._clock()
        return self._received if now < self._received <= now + BEHIND else now

    def _missing(self, connection: Connection, drafts: Sequence[EventDraft]) -> list[Row]:
        """Append those that are not there, and give all."""
        known = rows_of(connection, ((draft.source, draft.id) for draft in drafts))
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
    seq, _, chain = _last(connection)
    return seq, chain


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


def _last(connection: Connection) -> tuple[Any, Any, Any]:
    """The number, time and chain value of the last entry, whatever somebody made of them."""
    rows = ask(connection, _LAST)
    return (rows[0][0], rows[0][1], rows[0][2]) if rows else (0, 0, NO_CHAIN)


def _write(connection: Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    for at in range(0, len(rows), _AT_ONCE):
        part = rows[at : at + _AT_ONCE]
        ask(connection, statement + places(len(part), len(part[0])), tuple(chained.from_iterable(part)))


def rows_of(connection: Connection, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Row]:
    """The entries that there are of these (source, id)."""
    wanted = sorted(set(names))
    known = {}
    for at in range(0, len(wanted), _AT_ONCE):
        part = wanted[at : at + _AT_ONCE]
        query = _FIND if len(part) == 1 else FIND_MANY.format(places(len(part), 2))
        for row in ask(connection, query, tuple(chained.from_iterable(part))):
            known[row[_SOURCE], row[_ID]] = row
    return known


def _check(draft: EventDraft) -> None:
    names = f"{draft.source}{draft.id}{draft.type}{draft.subject}"
    if len(names) <= LONGEST_NAME // 4 and "\0" not in names:  # as good as always
        return
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
