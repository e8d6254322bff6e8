"""Registered sources of evidence, and the door by which they tell what happened."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Count, Id, Line, Lines, NodeId, Time
from plumbline.api.problem import Problem, problem_of
from plumbline.api.route import route
from plumbline.flow.sources import receive_events as intake
from plumbline.flow.sources import register, view_sources
from plumbline.flow.sources.prove import Delivery
from plumbline.flow.sources.view_sources import SourceView
from plumbline.kernel import t
from plumbline.model.source import BYTES_A_DAY, EVENTS_A_DAY, Source, SourceKind

LARGEST = 8 << 20  # bytes of a delivery
_Projects = Annotated[dict[str, str], Meta(description="The source's own name of a project -> path of our node.")]
_Quota = Annotated[int, Meta(ge=1, le=1 << 40)]


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """``node`` 0: the whole installation. ``expires``, ``revoked``: 0 where it is neither."""

    id: Id
    name: str
    node: NodeId
    kind: SourceKind
    title: str
    speaks_as: list[str]
    kinds: list[str]
    projects: dict[str, str]
    events_a_day: Count
    bytes_a_day: Count
    heartbeat: Count
    signs: bool
    expires: Time
    created: Time
    revoked: Time
    events: Count
    late: Count
    first: Time
    last: Time
    silent: Count


class SourceList(msgspec.Struct, frozen=True, kw_only=True):
    sources: list[SourceState]


class KindState(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    events: Count
    bytes: Count
    late: Count
    first: Time
    last: Time


class RefusalState(msgspec.Struct, frozen=True, kw_only=True):
    reason: str
    count: Count
    last: Time
    message: str


class SourceDetail(msgspec.Struct, frozen=True, kw_only=True):
    """``late_share``: of its events, those received more than 24 hours after they happened; null: it told none.
    ``facts``: the names of the facts that its kinds feed."""

    source: SourceState
    kinds: list[KindState]
    refusals: list[RefusalState]
    events_today: Count
    bytes_today: Count
    late_share: float | None
    facts: list[str]


class SourceWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``speaks_as``: context.source of its events; empty: ``/<name>``. ``kinds``: empty: those of its kind."""

    kind: SourceKind = SourceKind.GENERIC
    title: Line = ""
    speaks_as: Lines = []
    kinds: Lines = []
    projects: _Projects = {}
    events_a_day: _Quota = EVENTS_A_DAY
    bytes_a_day: _Quota = BYTES_A_DAY
    heartbeat: Count = 0


class SourceNew(SourceWrite, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``signs``: it signs each delivery with a secret, in place of showing a token."""

    name: Annotated[str, Meta(pattern=register.NAME)]
    signs: bool = False
    expires: Time = 0


class SourceSecret(msgspec.Struct, frozen=True, kw_only=True):
    """``secret`` is shown this once: the token, or what deliveries are signed with."""

    id: Id
    name: str
    secret: str


class SourceName(msgspec.Struct, frozen=True, kw_only=True):
    id: Id
    name: str


class Renewal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    expires: Time = 0


class EventResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``seq``: of its entry. ``known``: it was there already. ``problem``: why it was refused; the others count."""

    seq: Count = 0
    known: bool = False
    notes: list[str] = []
    problem: Problem | None = None


class EventResults(msgspec.Struct, frozen=True, kw_only=True):
    """In the order of the delivery."""

    results: list[EventResult]


@route("GET", "/nodes/{node}/sources", t("Sources of evidence at a node, below it and above it; 0: all."),
       use_case=use_cases.LIST_SOURCES)  # fmt: skip
def list_sources(call: Call, node: NodeId) -> SourceList:
    found = view_sources.list_sources(call.actor, call.tools.sources, node)
    return SourceList(sources=[_state(one) for one in found])


@route("POST", "/nodes/{node}/sources", t("Register a source of evidence at a node; 0: in the whole installation."),
       status=201, refusals=(409, 422), use_case=use_cases.WRITE_SOURCE)  # fmt: skip
def register_source(call: Call, node: NodeId, body: SourceNew) -> SourceSecret:
    given = _written(body, node=node, name=body.name, signs=body.signs, expires=body.expires)
    made = register.register_source(call.actor, call.tools.sources, given)
    return _secret(made)


@route("GET", "/sources/{source}", t("A source: what it told, what was refused, what it makes decidable."),
       use_case=use_cases.LIST_SOURCES)  # fmt: skip
def get_source(call: Call, source: Id) -> SourceDetail:
    found = view_sources.view_source(call.actor, call.tools.sources, source)
    return SourceDetail(
        source=_state(found),
        kinds=[KindState(**one._asdict()) for one in found.told],
        refusals=[
            RefusalState(reason=one.reason, count=one.times, last=one.last, message=str(one.message))
            for one in found.refusals
        ],
        events_today=found.today[0],
        bytes_today=found.today[1],
        late_share=found.late_share,
        facts=list(found.facts),
    )


@route("PUT", "/sources/{source}", t("Replace what a source speaks as, may tell and about which projects."),
       refusals=(409, 422), use_case=use_cases.WRITE_SOURCE)  # fmt: skip
def change_source(call: Call, source: Id, body: SourceWrite) -> SourceName:
    changed = register.change_source(call.actor, call.tools.sources, _written(body, id=source))
    return SourceName(id=changed.id, name=changed.name)


@route("POST", "/sources/{source}/renew", t("Give a source another token or secret; the one before ends."),
       refusals=(409, 422), use_case=use_cases.WRITE_SOURCE)  # fmt: skip
def renew_source(call: Call, source: Id, body: Renewal) -> SourceSecret:
    return _secret(register.renew_source(call.actor, call.tools.sources, source, body.expires))


@route("DELETE", "/sources/{source}", t("Revoke a source; what it told before still counts."), status=204,
       use_case=use_cases.REVOKE_SOURCE)  # fmt: skip
def revoke_source(call: Call, source: Id) -> None:
    register.revoke_source(call.actor, call.tools.sources, source)


@route("POST", "/events", t("Tell what happened: CDEvents or CloudEvents (binary, structured, batch), as a source."),
       refusals=(401, 409, 422, 429), largest=LARGEST, raw_body=True, use_case=use_cases.RECEIVE_EVENTS)  # fmt: skip
def receive_events(call: Call, body: bytes) -> EventResults:
    taken = intake.receive_events(call.actor, call.tools.sources, Delivery(call.headers, body))
    if len(taken) == 1 and taken[0].error is not None:
        raise taken[0].error
    return EventResults(
        results=[
            EventResult(
                seq=one.seq, known=one.known, notes=[str(note) for note in one.notes],
                problem=problem_of(one.error, call.request_id) if one.error else None,
            )
            for one in taken
        ]
    )  # fmt: skip


def _written(
    body: SourceWrite, *, id: int = 0, node: int = 0, name: str = "", signs: bool = False, expires: int = 0
) -> Source:  # noqa: A002
    return Source(
        id=id, name=name, node=node, signs=signs, expires=expires, kind=body.kind, title=body.title,
        speaks_as=tuple(body.speaks_as), kinds=tuple(body.kinds), projects=body.projects,
        events_a_day=body.events_a_day, bytes_a_day=body.bytes_a_day, heartbeat=body.heartbeat,
    )  # fmt: skip


def _secret(made: register.Registered) -> SourceSecret:
    return SourceSecret(id=made.source.id, name=made.source.name, secret=made.secret)


def _state(view: SourceView) -> SourceState:
    one = view.source
    return SourceState(
        id=one.id, name=one.name, node=one.node, kind=one.kind, title=one.title, speaks_as=list(one.speaks_as),
        kinds=list(one.kinds), projects=one.projects, events_a_day=one.events_a_day, bytes_a_day=one.bytes_a_day,
        heartbeat=one.heartbeat, signs=one.signs, expires=one.expires, created=one.created, revoked=one.revoked,
        events=view.events, late=view.late, first=view.first, last=view.last, silent=view.silent,
    )  # fmt: skip


PART = (
    list_sources,
    register_source,
    get_source,
    change_source,
    renew_source,
    revoke_source,
    receive_events,
)
