"""Bytes that someone sent, read as tolerantly as can be: CDEvents 0.4, 0.5 and the draft of 0.6, and what is unknown.

The bytes are kept as they came. What is refused is only what is no event at all, or could be read in two ways.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from plumbline.evidence.filing import scope_of
from plumbline.evidence.names_once import NameTwiceError, check_names_once
from plumbline.evidence.nesting import too_deep
from plumbline.evidence.origin import kind_of
from plumbline.evidence.shapes import unfit
from plumbline.evidence.vocabulary import contents, facts_about
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.event import LONGEST_NAME, MAX_EVENT, EventDraft
from plumbline.model.ready import ready

_SHOWN = 80  # characters of what others sent, in a sentence about it
_MINUTE = 60_000_000  # microseconds
AHEAD = 5 * _MINUTE  # a sender's clock may run ahead by this much before it is told
BEHIND = 24 * 60 * _MINUTE
YEARS = 2, 9998  # of times: one in any zone is one in every other

_TYPE = re.compile(r"(?P<room>dev\.cdevents|dev\.cdeventsx)\.(?P<subject>[^.]+)\.(?P<predicate>[^.]+)\.(?P<version>.+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_KNOWN_SPEC = re.compile(r"0\.[456](\.|$|-)")
_encode = msgspec.json.Encoder().encode
_OUTCOMES = {
    "pass": "success",
    "passed": "success",
    "succeeded": "success",
    "fail": "failure",
    "failed": "failure",
    "canceled": "cancel",
    "cancelled": "cancel",
}


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """An event in the words of CDEvents 0.5.1, whatever words it was sent in."""

    source: str
    id: str
    type: str  # as sent
    subject: str
    kind: str  # "taskrun"; the whole type where its name is of no known form
    predicate: str  # "finished"; may be empty
    version: str  # of the type
    spec: str  # of CDEvents, as sent; may be empty
    time: int | None  # microseconds since the epoch by the sender's clock; None where it is not a time
    subject_source: str
    chain: str
    content: dict[str, Any]
    custom: Any  # customData as sent; None where there is none
    links: tuple[Any, ...]
    known: bool  # the type and its version are in the vocabulary
    notes: tuple[Text, ...]  # what was remarkable about it


def read_event(body: bytes) -> EventView:
    """Read an event. Raises PlumblineError: ``event-too-large``, ``event-not-json``, ``not-an-event``."""
    if len(body) > MAX_EVENT:
        raise _refused(
            "event-too-large",
            t("The event has {size} bytes; {limit} are allowed.", size=len(body), limit=MAX_EVENT),
            t("Put large data into a file or artifact, and its digest and address into the event."),
        )
    event = _parse(body)
    context, subject = _object(event, "context"), _object(event, "subject")
    content = subject.get("content", {})
    if not isinstance(content, dict):
        raise _not_an_event(t("subject.content is not an object."))
    kind = _name(context, "context", "type")
    parts = _TYPE.fullmatch(kind)
    spec = context.get("specversion", context.get("version", ""))
    links = context.get("links")
    return EventView(
        source=_name(context, "context", "source"),
        id=_name(context, "context", "id"),
        type=kind,
        subject=_name(subject, "subject", "id"),
        kind=parts["subject"] if parts else kind,
        predicate=parts["predicate"] if parts else "",
        version=parts["version"] if parts else "",
        spec=_text(spec),
        time=_time(context.get("timestamp")),
        subject_source=_text(subject.get("source")),
        chain=_text(context.get("chainId")),
        content=_in_new_words(content),
        custom=event.get("customData"),
        links=tuple(links) if isinstance(links, list) else (),
        known=kind in contents(),
        notes=(
            *_notes(event, context, kind, _text(spec), known_form=parts is not None),
            *_misfits(kind, content, event),
        ),
    )


def receive(body: bytes, now: int) -> tuple[EventDraft, EventView]:
    """An event that came in at ``now`` (microseconds), ready for the ledger. Raises as :func:`read_event` does."""
    view = read_event(body)
    draft = EventDraft(
        source=view.source, id=view.id, type=view.type, subject=view.subject, body=body, scope=scope_of(view.custom)
    )
    skew = clock_note(view, now)
    return draft, msgspec.structs.replace(view, notes=(*view.notes, skew)) if skew else view


def is_late(view: EventView, now: int) -> bool:
    """Whether it came long after the time it gives; a note of :func:`receive` says so, the last one."""
    return view.time is not None and now - view.time > BEHIND


def clock_note(view: EventView, now: int) -> Text | None:
    """Whether the sender's clock and ours tell too different a time."""
    if view.time is None:
        return None
    ahead = view.time - now
    if ahead > AHEAD:
        return t("The sender's clock is {minutes} minutes ahead of this server's.", minutes=ahead // _MINUTE)
    if is_late(view, now):
        return t("The event arrived {hours} hours after the time it gives.", hours=-ahead // (60 * _MINUTE))
    return None


def _parse(body: bytes) -> dict[str, Any]:
    try:
        event = msgspec.json.decode(body)  # strict about UTF-8, numbers and escapes
        if _may_have_doubles(body, event):
            check_names_once(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _refused(
            "event-not-json",
            t("The event is not JSON: {reason}", reason=error),
            t("Send one CDEvent as a JSON object in UTF-8."),
        ) from None
    except NameTwiceError as error:
        raise _not_an_event(t("'{name}' stands twice in one object.", name=_shown(error.name))) from None
    except RecursionError:
        raise _nested() from None
    if too_deep(body):
        raise _nested()
    if not isinstance(event, dict):
        raise _not_an_event(t("It is not a JSON object."))
    return event


def _may_have_doubles(body: bytes, event: object) -> bool:
    """Whether a name might stand twice in one object. Each member has a colon: where one was dropped, what is left has
    fewer. Only a colon that is written as an escape could make up for it."""
    if b"\\u" in body:
        return True
    try:
        return _encode(event).count(b":") != body.count(b":")
    except OverflowError:  # of a number that cannot be written again
        return True


def _object(event: dict[str, Any], name: str) -> dict[str, Any]:
    found = event.get(name)
    if not isinstance(found, dict):
        raise _not_an_event(t("It has no '{name}' object.", name=name))
    return found


def _name(holder: dict[str, Any], where: str, name: str) -> str:
    found = holder.get(name)
    place = f"{where}.{name}"
    if not isinstance(found, str) or not found:
        raise _not_an_event(t("{place} is missing, empty or not a string.", place=place))
    if len(found) > LONGEST_NAME // 4 and len(found.encode()) > LONGEST_NAME:
        raise _not_an_event(t("{place} has more than {limit} bytes.", place=place, limit=LONGEST_NAME))
    if _CONTROL.search(found):
        raise _not_an_event(t("{place} has control characters.", place=place))
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _time(value: Any) -> int | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None or not YEARS[0] <= moment.year <= YEARS[1]:
        return None
    past = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def _in_new_words(content: dict[str, Any]) -> dict[str, Any]:
    """``url`` became ``uri`` in 0.5, and the words for outcomes became one set."""
    found: dict[str, Any] = {}
    for name, value in content.items():
        if name == "url" and "uri" not in content:
            found["uri"] = value
        elif name == "outcome" and isinstance(value, str):
            found[name] = _OUTCOMES.get(value.lower(), value.lower())
        else:
            found[name] = _in_new_words(value) if isinstance(value, dict) else value
    return found


def _notes(event: dict[str, Any], context: dict[str, Any], kind: str, spec: str, *, known_form: bool) -> list[Text]:
    notes = []
    if not known_form:
        notes.append(t("The type '{type}' is not named as CDEvents name theirs.", type=_shown(kind)))
    elif kind not in contents() and not kind_of(kind):
        notes.append(t("The type '{type}' is not known here; the event is kept as it is.", type=_shown(kind)))
    if not _KNOWN_SPEC.match(spec):
        notes.append(t("The version of CDEvents is '{version}', which is not known here.", version=_shown(spec)))
    if _time(context.get("timestamp")) is None:
        notes.append(t("context.timestamp is not a time with a zone."))
    extra = sorted(event.keys() - {"context", "subject", "customData", "customDataContentType"})
    if extra:
        notes.append(t("CDEvents have no field named: {names}", names=_shown(", ".join(extra))))
    return notes


def _misfits(kind: str, content: dict[str, Any], event: dict[str, Any]) -> list[Text]:
    """What of a type that is known here, in the version that is written here, has not the shape that it says. It is
    taken all the same: a tool that tells a little wrongly tells more than one that is sent away."""
    shape, about = contents().get(kind), facts_about().get(kind)
    if shape is None:
        return []
    notes = []
    told = dict(content)
    if isinstance(told.get("outcome"), str):
        told["outcome"] = "success"  # the published schemas take any word
    try:
        msgspec.convert(told, ready(shape))
    except msgspec.ValidationError as error:
        notes.append(t("subject.content is not as {type} has it: {reason}", type=kind, reason=_shown(str(error))))
    custom = event.get("customData")
    if about is not None and isinstance(custom, dict) and (wrong := unfit(custom, about)):
        notes.append(
            t("In customData, facts pass over what has another shape: {names}", names=_shown(", ".join(wrong)))
        )
    return notes


def _nested() -> PlumblineError:
    return _not_an_event(t("It is nested too deeply."))


def _shown(text: str) -> str:
    """So that it does nothing to a terminal."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:_SHOWN])


def _refused(code: str, message: Text, hint: Text) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.CONFIGURATION)


def _not_an_event(reason: Text) -> PlumblineError:
    return _refused(
        "not-an-event",
        t("This is not a CDEvent: {reason}", reason=reason),
        t("An event has a context with id, source, type and timestamp, and a subject with id and content."),
    )
