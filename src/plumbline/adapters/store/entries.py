"""Rows of the ledger as entries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from plumbline.adapters.store.schema import ledger as tables
from plumbline.model import Entry

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
)


def entry_of(row: Any) -> Entry:
    seq, source, id_, type_, subject, received, body, chain = row
    return Entry(seq=seq, source=source, id=id_, type=type_, subject=subject, received=received, body=body, chain=chain)
