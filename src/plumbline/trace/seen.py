"""One event as facts see it."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from plumbline.evidence import BEHIND, YEARS
from plumbline.evidence.origin import OWN, TOLD_BY_FORGE, claimed_kind, kind_of, word_of
from plumbline.model.fact import Cited


class Seen(msgspec.Struct, frozen=True, gc=False):
    """An event, read. ``what`` is the kind that it counts as (``taskrun.finished``, ``commit.observed``); of what is no
    fact it is the whole type, which no fact asks for. ``word``: whose it is, as
    :func:`plumbline.evidence.word_of` says. ``ignored``: the kind that it claims to be, where it counts as none."""

    cited: Cited
    what: str
    subject: str
    time: int  # microseconds since the epoch: of the sender's clock
    content: dict[str, Any]
    custom: dict[str, Any]
    word: str = ""
    ignored: str = ""
    received: int = 0  # microseconds since the epoch, by the clock of this server; 0: it is in no ledger

    @property
    def own(self) -> bool:
        """This server wrote it, and nobody else could: it is its word, or what it heard from a forge."""
        return self.word == OWN or self.word.startswith(TOLD_BY_FORGE)

    @property
    def late(self) -> bool:
        """Another told it more than a day after it happened. What this server writes down itself is never late: it was
        there, or it read it off a repository, which shows the past whenever one looks."""
        return self.word != OWN and self.received > self.time + BEHIND > BEHIND

    @property
    def object(self) -> tuple[str, str]:
        """What it is about. Two sources never speak of the same thing, whatever they call it."""
        return self.cited.source, self.subject


_REMEMBERED = 2048  # types and sources; the same few come again and again


class _Context(msgspec.Struct, gc=False):
    id: str
    source: str
    type: str
    timestamp: str = ""


class _Subject(msgspec.Struct, gc=False):
    id: str
    content: dict[str, Any] = {}


class _Event(msgspec.Struct, gc=False):
    context: _Context
    subject: _Subject
    custom: Any = msgspec.field(name="customData", default=None)


_read = msgspec.json.Decoder(_Event).decode


def read_seen(body: bytes, sender: bytes | None = None, received: int = 0) -> Seen | None:
    """An event as facts see it; None for bytes that are no event in the form of CDEvents. ``sender`` and ``received``:
    as its entry has them; None and 0 where it is not in a ledger, but in a file that whoever asks vouches for."""
    try:
        event = _read(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    context, subject, custom = event.context, event.subject, event.custom
    type_, source = context.type, context.source
    if type_.count(".") < 3:
        return None
    word = word_of(source, sender)
    what, ignored = _counts_as(type_, source, bool(word))
    # By place: this is done for each event of a grade, and names take as long as the rest of it.
    return Seen(
        Cited(source, context.id), what, subject.id, micros(context.timestamp), subject.content,
        custom if isinstance(custom, dict) else {}, word, ignored, received,
    )  # fmt: skip


@lru_cache(_REMEMBERED)
def _counts_as(type_: str, source: str, vouched: bool) -> tuple[str, str]:
    """``what`` and ``ignored`` of an event; ``vouched``: somebody's word it is."""
    kind = kind_of(type_, source) if vouched else ""
    return (kind, "") if kind else (type_, claimed_kind(type_))


def micros(text: str) -> int:
    """RFC 3339 as microseconds since the epoch; 0 where it is not a time."""
    try:
        moment = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return 0
    return int(moment.timestamp() * 1_000_000) if moment.tzinfo and YEARS[0] <= moment.year <= YEARS[1] else 0
