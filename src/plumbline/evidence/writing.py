"""A fact in, the bytes of a valid CDEvent 0.5.1 out. What does not fit its schema is a bug here, and raises."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import UNSET

from plumbline.evidence.filing import filed_under
from plumbline.evidence.vocabulary import contents, facts_about
from plumbline.evidence.vocabulary.fields import Content, Facts, Maybe, NonEmpty, Part, Time, Uri, UriReference
from plumbline.model.coding import json_of
from plumbline.model.event import MAX_EVENT, EventDraft
from plumbline.model.ready import ready

SPEC_VERSION = "0.5.1"
OWN_SCHEMAS = "urn:plumbline:schema:"  # followed by the type; our own types only
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - UTC; written with its Z

C = TypeVar("C")
D = TypeVar("D")


class ContextId(Part, frozen=True, kw_only=True):
    context_id: NonEmpty


class PathLink(Part, tag_field="linkType", tag="PATH", frozen=True, kw_only=True):
    """The event that this one follows."""

    from_: ContextId = msgspec.field(name="from")
    tags: Maybe[dict[str, Any]] = UNSET


class RelationLink(Part, tag_field="linkType", tag="RELATION", frozen=True, kw_only=True):
    """Another event that this one has to do with."""

    link_kind: NonEmpty
    target: ContextId
    tags: Maybe[dict[str, Any]] = UNSET


class EndLink(Part, tag_field="linkType", tag="END", frozen=True, kw_only=True):
    """This event ends what a chain of events was about."""

    from_: Maybe[ContextId] = msgspec.field(name="from", default=UNSET)
    tags: Maybe[dict[str, Any]] = UNSET


Link = PathLink | RelationLink | EndLink


class Context(Part, frozen=True, kw_only=True):
    specversion: NonEmpty
    id: NonEmpty
    source: UriReference
    type: NonEmpty
    timestamp: Time
    schema_uri: Maybe[Uri] = UNSET
    chain_id: Maybe[NonEmpty] = UNSET
    links: Maybe[tuple[Link, ...]] = UNSET


class Subject(Part, Generic[C], frozen=True, kw_only=True):
    id: NonEmpty
    content: C
    source: Maybe[UriReference] = UNSET


class Event(Part, Generic[C, D], frozen=True, kw_only=True):
    context: Context
    subject: Subject[C]
    custom_data: Maybe[D] = UNSET


def write_event(
    content: Content,
    *,
    id: str,  # noqa: A002
    source: str,
    subject: str,
    time: int,
    facts: Facts | dict[str, Any] | None = None,
    chain: str = "",
    links: tuple[Link, ...] = (),
    subject_source: str = "",
    project: str = "",
    checked: bool = True,
) -> EventDraft:
    """The event that says ``content`` of ``subject``.

    ``time`` is in microseconds since the epoch. ``id`` decides whether it is the same event again: derive it from what
    happened, not from when it was said. ``project``: path of the project or node that it is about.
    ``source`` is a URI reference: percent-encode what is not ASCII. ``checked=False``: for very many events whose
    validity tests hold; they are only written.
    Raises msgspec.ValidationError or ValueError where the event would not be valid: a bug of the caller.
    """
    kind = content.TYPE
    context = Context(
        specversion=SPEC_VERSION,
        id=id,
        source=source,
        type=kind,
        timestamp=timestamp(time),
        schema_uri=UNSET if kind.startswith("dev.cdevents.") else OWN_SCHEMAS + kind,
        chain_id=chain or UNSET,
        links=links or UNSET,
    )
    if project and facts is None:
        facts = {"project": project}
    about = Subject(id=subject, content=content, source=subject_source or UNSET)
    body = _encode(Event(context=context, subject=about, custom_data=UNSET if facts is None else facts))
    filed = filed_under(body)
    draft = EventDraft(source=source, id=id, type=kind, subject=subject, body=body, scope=filed.scope, who=filed.who)
    if not checked:
        return draft
    if contents().get(kind) is not type(content):
        raise ValueError(f"{type(content).__name__} is not in the vocabulary")
    _decoder(kind).decode(body)
    if len(body) > MAX_EVENT:
        raise ValueError(f"{kind}: {len(body)} bytes are more than an event may have")
    return draft


def timestamp(time: int) -> str:
    """Microseconds since the epoch as RFC 3339 in UTC."""
    return (_EPOCH + timedelta(microseconds=time)).isoformat(timespec="microseconds") + "Z"


def json_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a type of the vocabulary, as strict as the writing is."""
    schema = msgspec.json.schema(_shape(kind))
    definitions = schema["$defs"]
    definitions["Context"]["properties"]["type"] = {"const": kind}
    address = OWN_SCHEMAS + kind
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": address, "title": kind, **schema}


_encode_text = msgspec.json.Encoder().encode


def _encode(event: Event[Any, Any]) -> bytes:
    try:
        return _encode_text(event)
    except UnicodeEncodeError:  # a path or a ref with bytes that are no text
        return json_of(event)


def _shape(kind: str) -> Any:
    return Event[contents()[kind], facts_about().get(kind, dict[str, Any])]  # type: ignore[misc]


@cache
def _decoder(kind: str) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(ready(_shape(kind)))
