"""What was due, what came of it, and what is missing."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.about_report import AboutReport
from plumbline.api.call import Call
from plumbline.api.fields import Count, Id, Limit, Line, NodeId, Time, Words
from plumbline.api.route import route
from plumbline.api.shown_collections import (
    CollectionView,
    ConditionView,
    EvidenceView,
    SlotView,
    collection_view,
    condition_view,
    evidence_view,
    slot_view,
)
from plumbline.flow.contracts import add as adding
from plumbline.flow.contracts import closing, explain, status
from plumbline.flow.contracts.status import SeenCollection
from plumbline.flow.reports.add_report import Brought
from plumbline.kernel import t

LARGEST = 32 << 20  # bytes of a file
SlotName = Annotated[str, Meta(min_length=1, max_length=300)]


class Which(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``before``: an id; those that are older. ``open``: only those that are not closed."""

    before: Count = 0
    limit: Limit = 50
    open: bool = False


class CollectionList(msgspec.Struct, frozen=True, kw_only=True):
    collections: list[CollectionView]


class ClosingReason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: Words


class WantedSlot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Id of a slot, or of its line where that has but one."""

    slot: SlotName


class CameView(msgspec.Struct, frozen=True, kw_only=True):
    """``alone``: the state that the slot would have by this piece alone; empty: it is about something else.
    ``why``: what is wrong with it. ``late``: it came after the collection was closed."""

    piece: EvidenceView
    alone: str
    why: str
    late: bool


class SlotExplained(msgspec.Struct, frozen=True, kw_only=True):
    """``told_by``: kinds of event that tell such evidence. ``at_least``: what has to be in it. ``until``: when nothing
    more is waited for; 0: it is closed."""

    slot: SlotView
    until: Time
    of: str
    each: bool
    layer: str
    tools: list[str]
    runners: list[str]
    covers: list[str]
    at_least: dict[str, float]
    told_by: list[str]
    came: list[CameView]
    conditions: list[ConditionView]


class EvidenceAdded(msgspec.Struct, frozen=True, kw_only=True):
    """``slots``: those that name it, with what they came to; none: it is kept, and fills nothing. ``collection``: the
    newest one of what it is about; empty: there is none."""

    report: Count
    known: bool
    collection: str
    late: bool
    slots: list[SlotView]


class AboutEvidence(AboutReport, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As with a report that is added. ``slot``: what it is meant for; it is checked, and decides nothing."""

    slot: Line = ""


@route("GET", "/nodes/{node}/collections",
       t("What was due and what came of it, at a node and below it, the newest first; 0: all."),
       use_case=use_cases.VIEW_COLLECTIONS)  # fmt: skip
def list_evidence_collections(call: Call, node: NodeId, query: Which) -> CollectionList:
    found = status.list_collections(
        call.actor, call.tools.contracts, node, before=query.before, limit=query.limit, open_only=query.open
    )
    return CollectionList(collections=[collection_view(one) for one in found])


@route("GET", "/collections/{uid}", t("One collection: every slot, what fills it, and what came late."),
       use_case=use_cases.VIEW_COLLECTIONS)  # fmt: skip
def get_evidence_collection(call: Call, uid: Line) -> CollectionView:
    return collection_view(status.view_collection(call.actor, call.tools.contracts, uid))


@route("GET", "/collections/{uid}/slot", t("What would fill a slot, what came for it, and why that does not count."),
       use_case=use_cases.VIEW_COLLECTIONS)  # fmt: skip
def explain_evidence_slot(call: Call, uid: Line, query: WantedSlot) -> SlotExplained:
    found = explain.explain_slot(call.actor, call.tools.contracts, uid, query.slot)
    need = found.need.need if found.need is not None else None
    seen = SeenCollection(collection=found.collection, slots=(found.slot,))
    return SlotExplained(
        slot=slot_view(seen, found.slot),
        until=found.until,
        of=need.of.value if need else "",
        each=bool(need and need.each),
        layer=need.layer if need else "",
        tools=list(need.tools) if need else [],
        runners=list(need.runners) if need else [],
        covers=list(need.covers) if need else [],
        at_least=dict(need.at_least) if need else {},
        told_by=list(found.told_by),
        came=[
            CameView(
                piece=evidence_view(one.piece),
                alone=one.alone.state.value if one.alone else "",
                why=one.alone.why if one.alone else "",
                late=one.late,
            )
            for one in found.came
        ],
        conditions=[condition_view(one) for one in found.conditions],
    )


@route("POST", "/collections/{uid}/close", t("Close a collection before its time, with a reason."),
       refusals=(409, 422), use_case=use_cases.CLOSE_COLLECTION)  # fmt: skip
def close_evidence_collection(call: Call, uid: Line, body: ClosingReason) -> CollectionView:
    closed = closing.close_collection(call.actor, call.tools.contracts, uid, body.reason)
    return collection_view(status.view_collection(call.actor, call.tools.contracts, closed.uid))


@route("GET", "/pipelines/{pipeline}/evidence", t("What is due for a pipeline, and what came of it so far."),
       use_case=use_cases.VIEW_COLLECTIONS)  # fmt: skip
def list_pipeline_evidence(call: Call, pipeline: Id) -> CollectionList:
    found = status.evidence_of_pipeline(call.actor, call.tools.contracts, pipeline)
    return CollectionList(collections=[collection_view(one) for one in found])


@route("POST", "/evidence", t("Add evidence that was made elsewhere to a commit or a pipeline."), status=201,
       refusals=(404, 409, 422), largest=LARGEST, raw_body=True, use_case=use_cases.ADD_EVIDENCE)  # fmt: skip
def add_evidence(call: Call, query: AboutEvidence, body: bytes) -> EvidenceAdded:
    given = msgspec.structs.asdict(query)
    slot = given.pop("slot")
    made = adding.add_evidence(call.actor, call.tools.reports, call.tools.contracts, Brought(**given, data=body), slot)
    seen = SeenCollection(collection=made.collection, slots=made.slots) if made.collection is not None else None
    return EvidenceAdded(
        report=made.taken.report.id if made.taken.report is not None else 0,
        known=made.taken.known,
        collection=made.collection.uid if made.collection is not None else "",
        late=made.late,
        slots=[slot_view(seen, one) for one in made.slots] if seen is not None else [],
    )


PART = (
    list_evidence_collections,
    get_evidence_collection,
    explain_evidence_slot,
    close_evidence_collection,
    list_pipeline_evidence,
    add_evidence,
)
