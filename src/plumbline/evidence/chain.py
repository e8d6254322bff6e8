"""Each entry's hash holds the one before it: nothing can be changed, dropped or slipped in without breaking it."""

from __future__ import annotations

import struct
from hashlib import sha256
from typing import TYPE_CHECKING

from plumbline.model.event import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plumbline.model.event import EventDraft

_HEAD = struct.Struct(">QQ").pack


def record(seq: int, received: int, body: bytes, sender: bytes = b"") -> bytes:
    """What chain and tree commit to: uint64 seq, uint64 received, SHA-256 of the body (48 bytes), and where somebody
    sent it the SHA-256 of who did (80 bytes)."""
    return _HEAD(seq, received) + digests(body, sender)


def digests(body: bytes, sender: bytes) -> bytes:
    """The part of a record that is known before the entry has its number."""
    return sha256(body).digest() + sha256(sender).digest() if sender else sha256(body).digest()


def link(before: bytes, seq: int, received: int, body: bytes, sender: bytes = b"") -> bytes:
    """The chain value of an entry, given that of the entry before it (NO_CHAIN for the first)."""
    return sha256(before + record(seq, received, body, sender)).digest()


def chained(size: int, head: bytes, received: int, drafts: Iterable[EventDraft]) -> Iterator[Entry]:
    """Drafts as the entries that follow a ledger of this size and head, all first seen at ``received``."""
    for seq, draft in enumerate(drafts, size + 1):
        head = link(head, seq, received, draft.body, draft.sender)
        yield Entry(
            seq=seq,
            source=draft.source,
            id=draft.id,
            type=draft.type,
            subject=draft.subject,
            received=received,
            body=draft.body,
            chain=head,
            sender=draft.sender,
        )
