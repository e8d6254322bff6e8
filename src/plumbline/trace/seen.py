"""One event as facts see it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from plumbline.model.fact import Cited

_OWN = "plumbline-"


class Seen(msgspec.Struct, frozen=True, gc=False):
    """An event, read. ``what`` is subject and predicate without our own prefix: ``taskrun.finished``,
    ``commit.observed``."""

    cited: Cited
    what: str
    subject: str
    time: int  # microseconds since the epoch: of the sender's clock
    content: dict[str, Any]
    custom: dict[str, Any]


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


def read_seen(body: bytes) -> Seen | None:
    """An event as facts see it; None for bytes that are no event in the form of CDEvents."""
    try:
        event = _read(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    parts = event.context.type.split(".")
    if len(parts) < 4:
        return None
    return Seen(
        cited=Cited(event.context.source, event.context.id),
        what=f"{parts[2].removeprefix(_OWN)}.{parts[3]}",
        subject=event.subject.id,
        time=micros(event.context.timestamp),
        content=event.subject.content,
        custom=event.custom if isinstance(event.custom, dict) else {},
    )


def micros(text: str) -> int:
    """RFC 3339 as microseconds since the epoch; 0 where it is not a time."""
    try:
        moment = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return 0
    return int(moment.timestamp() * 1_000_000) if moment.tzinfo else 0
