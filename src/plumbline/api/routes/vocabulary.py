"""The types of event that are emitted here, each with its JSON Schema: what the ``schemaUri`` of our own names."""

from __future__ import annotations

import msgspec

from plumbline.access import use_cases
from plumbline.api.call import Call, Raw
from plumbline.api.fields import Name
from plumbline.api.problem import not_found
from plumbline.api.route import route
from plumbline.evidence import json_schema
from plumbline.evidence.vocabulary import contents
from plumbline.kernel import t


class EventTypes(msgspec.Struct, frozen=True, kw_only=True):
    """By name: those of CDEvents, and after them our own."""

    types: list[str]


@route("GET", "/events/types", t("The types of event that are emitted here."),
       use_case=use_cases.READ_EVENT_TYPES)  # fmt: skip
def list_event_types(call: Call) -> EventTypes:  # noqa: ARG001
    return EventTypes(types=sorted(contents()))


@route("GET", "/events/types/{type}", t("The JSON Schema (2020-12) that every event of a type fits."),
       media="application/schema+json", use_case=use_cases.READ_EVENT_TYPES)  # fmt: skip
def get_event_schema(call: Call, type: Name) -> Raw:  # noqa: A002, ARG001
    if type not in contents():
        raise not_found(t("No event of the type {type} is emitted here.", type=type))
    return Raw(msgspec.json.encode(json_schema(type)), "application/schema+json")


PART = (list_event_types, get_event_schema)
