"""Records and events as JSON. A sentence is kept as its message and values, to be read in any language later."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

from plumbline.model.coding import json_of, plain, revived
from plumbline.model.ready import ready
from plumbline.model.run import RunEvent, RunRecord

if TYPE_CHECKING:
    from collections.abc import Iterator


def encode_record(record: RunRecord) -> bytes:
    return json_of(record, plain)


def encode_event(event: RunEvent) -> bytes:
    """One line, with its end."""
    return json_of(event, plain) + b"\n"


def decode_record(data: bytes) -> RunRecord:
    """Raises msgspec.MsgspecError for anything else than a record."""
    return _records().decode(data)


def decode_events(data: bytes) -> Iterator[RunEvent]:
    """Events line by line; a line that is none (cut off by a crash) is passed over."""
    decoder = _events()
    for line in data.split(b"\n"):
        try:
            yield decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue


@cache
def _records() -> msgspec.json.Decoder[RunRecord]:
    return msgspec.json.Decoder(ready(RunRecord), dec_hook=revived)


@cache
def _events() -> msgspec.json.Decoder[RunEvent]:
    return msgspec.json.Decoder(ready(RunEvent), dec_hook=revived)
