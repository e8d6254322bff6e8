"""How events become entries, inside a turn of the writer."""

from __future__ import annotations

from hashlib import sha256
from struct import Struct
from typing import TYPE_CHECKING

from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError

from plumbline.adapters.store.schema import ledger as tables
from plumbline.adapters.store.subtrees import Subtrees
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model import NO_CHAIN, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from plumbline.model import EventDraft

LONGEST_NAME = 600  # bytes of a source, an id, a type or a subject; indexes do not take longer ones
_NUMBERS = Struct(">QQ").pack
_LOOKED_UP = 300  # at once
_INSERT = {  # by the driver's way to mark parameters
    style: "insert into ledger_entry (seq, received, source, id, type, subject, leaf, chain, body) "  # noqa: S608
    f"values ({', '.join([mark] * 9)})"
    for style, mark in (("qmark", "?"), ("pyformat", "%s"))
}


class Appender:
    """Knows the head of the ledger while its writer holds the turn. ``clock`` gives microseconds since the epoch."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._seq = 0
        self._chain = NO_CHAIN
        self._subtrees = Subtrees()

    def begin(self, connection: Connection) -> None:
        """A transaction begins: others may have appended since the last one."""
        columns = tables.entry.c
        head = connection.execute(select(columns.seq, columns.chain).order_by(columns.seq.desc()).limit(1))
        row = head.one_or_none()
        seq, chain = (row.seq, row.chain) if row else (0, NO_CHAIN)
        if chain != self._chain:
            self._subtrees.forget()
        self._seq, self._chain = seq, chain

    def forget(self) -> None:
        """The transaction failed; what was appended in it is not there."""
        self._subtrees.forget()

    def append(self, connection: Connection, drafts: Sequence[EventDraft]) -> list[Entry]:
        """The entries of these events, new or as they are there already. Raises PlumblineError ``event-id-reused`` or
        ``event-name-unusable``; then nothing was appended."""
        for draft in drafts:
            _check(draft)
        try:
            return self._insert(connection, drafts)
        except IntegrityError:  # some are there already, or twice among these
            return self._missing(connection, drafts)

    def _insert(self, connection: Connection, drafts: Sequence[EventDraft]) -> list[Entry]:
        received, seq, chain = self._clock(), self._seq, self._chain
        rows, entries, leaves = [], [], []
        for draft in drafts:
            seq += 1
            record = _NUMBERS(seq, received) + sha256(draft.body).digest()
            chain = sha256(chain + record).digest()
            leaf = sha256(b"\0" + record).digest()
            leaves.append(leaf)
            rows.append((seq, received, draft.source, draft.id, draft.type, draft.subject, leaf, chain, draft.body))
            entries.append(
                Entry(
                    seq=seq,
                    source=draft.source,
                    id=draft.id,
                    type=draft.type,
                    subject=draft.subject,
                    received=received,
                    body=draft.body,
                    chain=chain,
                )
            )
        self._subtrees.follow(connection, self._seq)
        with connection.begin_nested():
            connection.exec_driver_sql(_INSERT[connection.dialect.paramstyle], rows)
            self._subtrees.add(connection, leaves)
        self._seq, self._chain = seq, chain
        return entries

    def _missing(self, connection: Connection, drafts: Sequence[EventDraft]) -> list[Entry]:
        """Append those that are not there, and give all."""
        known = _known(connection, drafts)
        new: dict[tuple[str, str], EventDraft] = {}
        for draft in drafts:
            name = (draft.source, draft.id)
            before = known.get(name) or new.setdefault(name, draft)
            if before.body != draft.body:
                raise _reused(draft)
        if new:
            appended = self._insert(connection, list(new.values()))
            known |= {(entry.source, entry.id): entry for entry in appended}
        return [known[draft.source, draft.id] for draft in drafts]


def _known(connection: Connection, drafts: Sequence[EventDraft]) -> dict[tuple[str, str], Entry]:
    columns = tables.entry.c
    names = sorted({(draft.source, draft.id) for draft in drafts})
    wanted = [getattr(columns, name) for name in Entry.__struct_fields__]
    known = {}
    for at in range(0, len(names), _LOOKED_UP):
        query = select(*wanted).where(tuple_(columns.source, columns.id).in_(names[at : at + _LOOKED_UP]))
        for row in connection.execute(query).mappings():
            known[row["source"], row["id"]] = Entry(**row)
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
