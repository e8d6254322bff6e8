"""The key that signs the ledger is followed by another: both sign that, and it stands in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence.rotation import with_rotations, write_rotation
from plumbline.evidence.vocabulary import own_operations
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.evidence import SigningKey, VerifyingKey
    from plumbline.flow.event_writer import EventWriter
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.transaction import Store


class _Content(msgspec.Struct):
    note: str = ""
    new: str = ""


class _Subject(msgspec.Struct):
    content: _Content


class _Body(msgspec.Struct):
    subject: _Subject


_decode = msgspec.json.Decoder(_Body).decode


def rotations(ledger: Ledger) -> list[bytes]:
    """What the ledger says of keys that followed another, as signed notes; believed by nobody yet."""
    return [said.note.encode() for said in _said(ledger)]


def known_keys(ledger: Ledger, keys: Sequence[VerifyingKey]) -> list[VerifyingKey]:
    """These keys, with those that they vouch for."""
    return with_rotations(keys, rotations(ledger)) if keys else []


def record_rotation(store: Store, ledger: Ledger, old: SigningKey, new: SigningKey, writer: EventWriter) -> None:
    """Durable when it returns; at most once for a key. Raises PlumblineError ``key-rotated-already`` where another key
    than ``new`` follows the old one."""
    with store.change() as tx:
        followers = {said.new for said in _said(ledger) if said.new and _follows(said, old)}
        if str(new.verifier) in followers:
            return
        if followers:
            raise PlumblineError(
                "key-rotated-already",
                t("Another key follows this one already: {key}", key=sorted(followers)[0]),
                t("Use that key; it signs the ledger."),
                kind=ErrorKind.REFUSED,
            )
        size = ledger.size()
        note = write_rotation(old, new, size).decode()
        content = own_operations.LedgerKeyRotated(old=str(old.verifier), new=str(new.verifier), size=size, note=note)
        writer.record(tx, old.name, content)


def _follows(said: _Content, old: SigningKey) -> bool:
    return f"\nold {old.verifier}\n" in said.note


def _said(ledger: Ledger) -> list[_Content]:
    found = []
    for entry in ledger.of_types([own_operations.LedgerKeyRotated.TYPE]):
        try:
            found.append(_decode(entry.body).subject.content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    return found
