"""What is wrong with one entry, if anything, given the chain before it."""

from __future__ import annotations

import msgspec

from plumbline.evidence.chain import link
from plumbline.evidence.nesting import near_the_top
from plumbline.kernel import Text, t
from plumbline.model.event import Entry


class Fault(msgspec.Struct, frozen=True):
    """The first thing that is wrong. ``seq`` 0: not in one entry."""

    seq: int
    code: str
    message: Text


class _Context(msgspec.Struct, gc=False):
    source: str
    id: str
    type: str


class _Subject(msgspec.Struct, gc=False):
    id: str


class Names(msgspec.Struct, gc=False):
    """What an entry repeats of its body."""

    context: _Context
    subject: _Subject


quick_names_in = msgspec.json.Decoder(Names).decode  # RecursionError where it is nested as deeply as no event may be


def names_in(body: bytes) -> Names:
    return near_the_top(quick_names_in, body)


def fault_of(entry: Entry, after: Entry | None, size: int, before: bytes) -> Fault | None:
    """``size`` and ``before``: of the ledger before the entry, and its last chain value."""
    expected = size + 1
    if entry.seq > expected:
        return Fault(expected, "gap", t("Entry {seq} is missing: {next} follows.", seq=expected, next=entry.seq))
    if entry.seq < expected:
        return Fault(expected, "order", t("Entry {next} stands where {seq} should be.", seq=expected, next=entry.seq))
    if not _is_sound(entry):
        return Fault(expected, "form", t("Entry {seq} holds what no entry can hold.", seq=expected))
    chain = link(before, entry.seq, entry.received, entry.body, entry.sender)
    if chain != entry.chain:
        return Fault(expected, *_why(before, chain, entry, after))
    said = _said(entry.body)
    if said is None:
        return Fault(expected, "body", t("The body of entry {seq} is not an event.", seq=expected))
    if said != _beside(entry):
        return Fault(
            expected, "columns", t("What is stored beside the body of entry {seq} is not in it.", seq=expected)
        )
    return None


def names_hold(entry: Entry) -> bool:
    """Whether what stands beside the body of an entry is in it; no proof of the body tells."""
    return _said(entry.body) == _beside(entry)


def _said(body: bytes) -> tuple[str, str, str, str] | None:
    try:
        name = names_in(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return name.context.source, name.context.id, name.context.type, name.subject.id


def _beside(entry: Entry) -> tuple[str, str, str, str]:
    return entry.source, entry.id, entry.type, entry.subject


def _is_sound(entry: Entry) -> bool:
    """A database takes a text where bytes should be, and any number for a time."""
    kinds = all(isinstance(each, bytes) for each in (entry.body, entry.chain, entry.sender))
    kinds = kinds and isinstance(entry.received, int)
    return kinds and 0 <= entry.received < 1 << 64


def _why(before: bytes, chain: bytes, entry: Entry, after: Entry | None) -> tuple[str, Text]:
    """Which of the two was changed: what the chain is made of, or the chain value itself; the next entry tells."""
    if after is not None and after.seq == entry.seq + 1 and _is_sound(after):
        follows = link(chain, after.seq, after.received, after.body, after.sender)
        if follows == after.chain:
            return "chain", t("The chain value of entry {seq} was changed.", seq=entry.seq)
    if entry.chain == before:
        return "chain", t("Entry {seq} has the chain value of the one before it.", seq=entry.seq)
    return "changed", t(
        "Entry {seq} was changed: its body, its time or its sender is not what was chained.", seq=entry.seq
    )
