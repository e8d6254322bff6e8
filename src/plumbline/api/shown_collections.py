"""Collections of evidence as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.api.fields import Count, Id, Time
from plumbline.contracts import summary
from plumbline.kernel.text import language

if TYPE_CHECKING:
    from plumbline.flow.contracts.status import SeenCollection
    from plumbline.model.contract import Condition, Evidence, Slot


class SlotView(msgspec.Struct, frozen=True, kw_only=True):
    """``state``: open, filled, filled_late, wrong_subject, unreadable, refused_origin, not_applicable, waived or
    missing. ``subject``: empty: none is known yet. ``evidence``: ids of events, ``entries``: their numbers in the
    ledger. ``why``: a short code of what is wrong. ``rule``: the condition that makes it not applicable, or the
    waiver."""

    id: str
    need: str
    title: str
    contract: str
    node: str
    subject: str
    state: str
    kinds: list[str]
    made_by: list[str]
    evidence: list[str]
    entries: list[Count]
    word: str
    digest: str
    received: Time
    rule: str
    why: str


class EvidenceView(msgspec.Struct, frozen=True, kw_only=True):
    """``word``: whose word it is: own, forge:…, source:…, person:…; empty: nobody vouches for it. ``about``: what it is
    about, such as commit and artifact. ``problem``: why it cannot be read."""

    kind: str
    event: str
    entry: Count
    source: str
    received: Time
    word: str
    about: dict[str, str]
    digest: str
    tool: str
    layer: str
    covers: list[str]
    counts: dict[str, float]
    problem: str


class ConditionView(msgspec.Struct, frozen=True, kw_only=True):
    """``result`` null: it could not be told, and the slot stays due."""

    when: str
    result: bool | None
    facts: dict[str, str]
    problem: str


class CollectionView(msgspec.Struct, frozen=True, kw_only=True):
    """``state``: open, ended (its time of grace runs) or closed. ``closes``: when it is closed, or was due to be.
    ``slots_by_state``: their sum is the number of slots due. ``complete``: each slot is filled on time, not applicable
    or waived. ``problems``: why contracts that hold cannot be read."""

    id: Id
    uid: str
    project: Id
    path: str
    occasion: str
    state: str
    commit: str
    ref: str
    change: str
    environment: str
    pipeline: Count
    contract: str
    opened: Time
    ended: Time
    ending: str
    closes: Time
    closed: Time
    closed_by: str
    reason: str
    statement: str
    complete: bool
    slots_by_state: dict[str, Count]
    slots: list[SlotView]
    evidence: list[EvidenceView]
    late: list[EvidenceView]
    conditions: list[ConditionView]
    problems: list[str]


def collection_view(seen: SeenCollection) -> CollectionView:
    one = seen.collection
    return CollectionView(
        id=one.id,
        uid=one.uid,
        project=one.project,
        path=one.path,
        occasion=one.occasion.value,
        state="closed" if one.closed else "ended" if one.ended else "open",
        commit=one.subjects.commit,
        ref=one.subjects.ref,
        change=one.subjects.change,
        environment=one.subjects.environment,
        pipeline=one.subjects.pipeline,
        contract=one.due.digest,
        opened=one.opened,
        ended=one.ended,
        ending=one.ending.value if one.ending is not None else "",
        closes=one.closes or one.deadline,
        closed=one.closed,
        closed_by=one.closed_by,
        reason=one.reason,
        statement=one.statement,
        complete=seen.complete,
        slots_by_state={state.value: count for state, count in summary(seen.slots).items()},
        slots=[slot_view(seen, slot) for slot in seen.slots],
        evidence=[evidence_view(piece) for piece in seen.evidence.values()],
        late=[evidence_view(piece) for piece in seen.late],
        conditions=[condition_view(each) for each in seen.conditions],
        problems=[str(each) for each in seen.problems] or [f"{each.contract}: {each.why}" for each in one.broken],
    )


def slot_view(seen: SeenCollection, slot: Slot) -> SlotView:
    due = next((each for each in seen.collection.due.needs if each.need.id == slot.need), None)
    return SlotView(
        id=slot.id,
        need=slot.need,
        title=str(due.need.title.zh if language().startswith("zh") else due.need.title.en) if due else slot.need,
        contract=slot.contract,
        node=due.node if due else "",
        subject=slot.subject,
        state=slot.state.value,
        kinds=list(due.need.kinds) if due else [],
        made_by=list(due.need.made_by) if due else [],
        evidence=list(slot.evidence),
        entries=list(slot.entries),
        word=slot.word,
        digest=slot.digest,
        received=slot.received,
        rule=slot.rule,
        why=slot.why,
    )


def evidence_view(piece: Evidence) -> EvidenceView:
    return EvidenceView(
        kind=piece.kind,
        event=piece.event,
        entry=piece.seq,
        source=piece.source,
        received=piece.received,
        word=piece.word,
        about=dict(piece.about),
        digest=piece.digest,
        tool=piece.tool,
        layer=piece.layer,
        covers=list(piece.covers),
        counts=dict(piece.counts),
        problem=piece.problem,
    )


def condition_view(one: Condition) -> ConditionView:
    facts = {name: str(value) for name, value in one.facts.items()}
    return ConditionView(when=one.when, result=one.result, facts=facts, problem=one.problem)
