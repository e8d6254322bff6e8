"""What came in over HTTP as the events in it: CDEvents as they are, or in CloudEvents 1.0 (binary, structured, batch).

An event in CloudEvents whose data is a CDEvent is that CDEvent, with exactly the bytes of the data; the attributes id,
source and type have to say the same (CDEvents: CloudEvents binding). Other data is put into an event that has the names
of the CloudEvent, where no fact looks for it.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec

from plumbline.evidence.names_once import check_names_once
from plumbline.evidence.writing import SPEC_VERSION
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
MOST_EVENTS = 1000  # in one delivery
_HEADER = "ce-"
_NAMES = ("id", "source", "type")
_NO_DATA = msgspec.Raw()


class _Structured(msgspec.Struct, frozen=True, gc=False):
    """Extensions are left out: those of a CDEvent stand in its customData."""

    id: str
    source: str
    type: str
    specversion: str
    time: str | None = None
    subject: str | None = None
    data: msgspec.Raw = _NO_DATA
    data_base64: str | None = None


class _Context(msgspec.Struct, gc=False):
    id: str
    source: str
    type: str


class _Subject(msgspec.Struct, gc=False):
    id: str


class _CDEvent(msgspec.Struct, gc=False):
    context: _Context
    subject: _Subject


_structured = msgspec.json.Decoder(ready(_Structured)).decode
_cdevent = msgspec.json.Decoder(ready(_CDEvent)).decode
_many = msgspec.json.Decoder(list[msgspec.Raw]).decode
_WRONG = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)


def events_in(headers: Mapping[str, str], body: bytes) -> Sequence[bytes | PlumblineError]:
    """The bytes of each event, or why one is none. ``headers``: by their names in small letters.

    Raises PlumblineError ``event-not-json`` or ``too-many-events`` where the whole cannot be read.
    """
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    if _HEADER + "specversion" in headers:
        return [_told(lambda: _of_binary(headers, body))]
    if media == STRUCTURED:
        return [_told(lambda: _of_structured(body))]
    if media == BATCH:
        return [_told(lambda one=one: _of_structured(bytes(one))) for one in _list(body)]
    if body.lstrip(b" \t\r\n")[:1] == b"[":
        return [bytes(one) for one in _list(body)]
    return [body]


def _told(read: Any) -> bytes | PlumblineError:
    try:
        made: bytes = read()
    except PlumblineError as error:
        return error
    return made


def _list(body: bytes) -> Sequence[msgspec.Raw]:
    try:
        found = _many(body)
    except _WRONG as error:
        raise _wrong(t("The batch is not a list in JSON: {reason}", reason=error)) from None
    if len(found) > MOST_EVENTS:
        raise PlumblineError(
            "too-many-events",
            t("There are {count} events in it; {limit} are taken at once.", count=len(found), limit=MOST_EVENTS),
            t("Send them in several deliveries: an event that was taken before is not taken twice."),
            kind=ErrorKind.CONFIGURATION,
        )
    return found


def _of_binary(headers: Mapping[str, str], body: bytes) -> bytes:
    said = {name: unquote(headers[_HEADER + name]) for name in (*_NAMES, "specversion") if _HEADER + name in headers}
    said |= {name: unquote(headers[_HEADER + name]) for name in ("time", "subject") if _HEADER + name in headers}
    try:
        event = msgspec.convert(said, ready(_Structured))
    except msgspec.ValidationError as error:
        raise _wrong(t("The headers are not those of a CloudEvent: {reason}", reason=error)) from None
    return _body_of(event, body)


def _of_structured(body: bytes) -> bytes:
    try:
        event = _structured(body)
        check_names_once(body)
        data = b64decode(event.data_base64, validate=True) if event.data_base64 else bytes(event.data)
    except _WRONG as error:
        raise _wrong(t("This is not a CloudEvent: {reason}", reason=error)) from None
    return _body_of(event, data)


def _body_of(event: _Structured, data: bytes) -> bytes:
    if event.specversion != "1.0":
        raise _wrong(t("CloudEvents of version '{version}' are not known here.", version=event.specversion[:20]))
    try:
        inside = _cdevent(data)
    except _WRONG:
        return _wrapped(event, data)
    for name in _NAMES:
        outer, inner = getattr(event, name), getattr(inside.context, name)
        if outer != inner:
            raise PlumblineError(
                "event-names-differ",
                t("The CloudEvent has the {name} '{outer}', and the CDEvent in it '{inner}'.", name=name,
                  outer=outer[:80], inner=inner[:80]),
                t("Both have to say the same: set the attribute from context.{name}.", name=name),
                kind=ErrorKind.CONFIGURATION,
            )  # fmt: skip
    return data


def _wrapped(event: _Structured, data: bytes) -> bytes:
    """An event with the names of the CloudEvent; the same for the same one."""
    context = {"specversion": SPEC_VERSION, "id": event.id, "source": event.source, "type": event.type}
    if event.time:
        context["timestamp"] = event.time
    made = {
        "context": context,
        "subject": {"id": event.subject or event.id, "content": {}},
        "customData": {"cloudEvent": _custom(data)},
    }
    return msgspec.json.encode(made)


def _custom(data: bytes) -> Any:
    """JSON as it is; other text as a text, other bytes in base64."""
    if not data.strip():
        return None
    try:
        found = msgspec.json.decode(data)
        check_names_once(data)
    except _WRONG:  # kept as it came, where a name stands twice as well
        pass
    else:
        return found
    try:
        return data.decode()
    except UnicodeDecodeError:
        return b64encode(data).decode()


def _wrong(message: Text) -> PlumblineError:
    return PlumblineError(
        "event-not-json",
        message,
        t("The reference page of sources shows each way to send an event, with examples."),
        kind=ErrorKind.CONFIGURATION,
    )
