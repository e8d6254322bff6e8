"""Rows of the ledger as entries and checkpoints. SQLite takes any value in any column: what none can hold becomes
something that does not verify."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from plumbline.adapters.store.schema import ledger as tables
from plumbline.model.event import Checkpoint, Entry, EntryText

_columns = tables.entry.c
ENTRY = select(
    _columns.seq,
    _columns.source,
    _columns.id,
    _columns.type,
    _columns.subject,
    _columns.received,
    _columns.body,
    _columns.chain,
    _columns.sender,
)


TEXT = select(_columns.seq, _columns.received, _columns.body, _columns.sender)

_END = 253_402_300_800_000_000  # of the year 9999


def entry_of(row: Any) -> Entry:
    seq, source, id_, type_, subject, received, body, chain, sender = row
    if not (type(body) is type(chain) is bytes and type(received) is int and 0 <= received < _END):
        body, chain = _bytes(body), _bytes(chain)
        received = _number(received)
    if type(sender) is not bytes:
        sender = _sender(sender)
    if not type(source) is type(id_) is type(type_) is type(subject) is str:
        source, id_, type_, subject = _text(source), _text(id_), _text(type_), _text(subject)
    return Entry(
        seq=seq, source=source, id=id_, type=type_, subject=subject, received=received, body=body, chain=chain,
        sender=sender,
    )  # fmt: skip


def text_of(row: Any) -> EntryText:
    seq, received, body, sender = row
    if type(body) is not bytes:
        body = _bytes(body)
    if type(sender) is not bytes:
        sender = _sender(sender)
    if not (type(received) is int and 0 <= received < _END):
        received = _number(received)
    return EntryText(seq, received, body, sender)


def checkpoint_of(row: Any) -> Checkpoint:
    return Checkpoint(
        origin=_text(row["origin"]),
        size=_number(row["size"]),
        root=_bytes(row["root"]),
        chain=_bytes(row["chain"]),
        note=_bytes(row["note"]),
        made=_number(row["made"]),
    )


def _sender(value: Any) -> bytes:
    return b"" if value is None else _text(value).encode("utf-8", "backslashreplace")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else b""


def _number(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < _END else -1
