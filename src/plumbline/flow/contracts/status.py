"""What was due, what came, and who is silent: collections as they stand, or as they were closed.

All raise PlumblineError ``not-found`` or ``not-allowed``.
"""

from __future__ import annotations

from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from plumbline.access import use_cases
from plumbline.contracts import complete
from plumbline.evidence import read_event
from plumbline.evidence.vocabulary import own_gates as events
from plumbline.flow.contracts.holding import read_once
from plumbline.flow.contracts.now import collection_now
from plumbline.flow.pipelines.look_up import pipeline_for
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import t
from plumbline.model.contract import Collection, Condition, Contract, Evidence, OccasionKind, Slot, SlotState
from plumbline.model.tree import INSTANCE, NodeKind, is_within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.access import Actor
    from plumbline.flow.contracts.tools import ContractTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.problem import Problem

MOST = 200  # collections in one answer
_LATE = 1000  # pieces of late evidence of one collection
_SOURCE = "source:"
_EMPTY = frozenset({SlotState.MISSING, SlotState.REFUSED_ORIGIN, SlotState.FILLED_LATE})


class SeenCollection(msgspec.Struct, frozen=True, kw_only=True):
    """``slots``: as they are now, or as it was closed. ``evidence``: by id, all that the slots name; ``late``: what
    came after it was closed. ``problems``: why contracts that hold cannot be read."""

    collection: Collection
    slots: tuple[Slot, ...]
    conditions: tuple[Condition, ...] = ()
    evidence: Mapping[str, Evidence] = MappingProxyType({})
    late: tuple[Evidence, ...] = ()
    complete: bool = False
    problems: tuple[Problem, ...] = ()


class SilentSource(msgspec.Struct, frozen=True, kw_only=True):
    """``in_a_row``: closed collections, the newest first, in which nothing came of what it was due; ``since``: when
    the first of these was closed. ``due``: slots that it was due in all that were looked at."""

    source: str
    in_a_row: int
    since: int
    due: int


def list_collections(
    actor: Actor, tools: ContractTools, node: int, *, before: int = 0, limit: int = 50, open_only: bool = False
) -> Sequence[SeenCollection]:
    """Of the projects at a node and below it, the newest first."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.VIEW_COLLECTIONS, node)
        found = unit.tx.collections.of_projects(
            _projects(unit, node), min(limit, MOST), before=before, open_only=open_only
        )
        return [_seen(unit.tx, tools, one, unit.now) for one in found]


def view_collection(actor: Actor, tools: ContractTools, uid: str) -> SeenCollection:
    with tools.units.view(actor) as unit:
        found = collection_for(unit, uid)
        return _seen(unit.tx, tools, found, unit.now, late=True)


def evidence_of_pipeline(actor: Actor, tools: ContractTools, pipeline: int) -> Sequence[SeenCollection]:
    """The collections that its making opened."""
    with tools.units.view(actor) as unit:
        pipeline_for(unit, use_cases.VIEW_COLLECTIONS, pipeline)
        found = unit.tx.collections.of_pipeline(pipeline)
        return [_seen(unit.tx, tools, one, unit.now, late=True) for one in found]


def missing_of_commit(actor: Actor, tools: ContractTools, project: int, commit: str) -> Sequence[Slot]:
    """What is not full in the newest collection of each occasion of a commit."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.VIEW_COLLECTIONS, project)
        newest = {one.occasion: one for one in reversed(unit.tx.collections.of_commit(project, commit))}
        every = [collection_now(unit.tx, tools, one, at=unit.now).slots for one in newest.values()]
    return [slot for found in every for slot in found if not complete([slot])]


def newest_collection(
    tx: Transaction, project: int, *, pipeline: int = 0, commit: str = "", kind: OccasionKind | None = None
) -> Collection | None:
    """Of a pipeline, or of a commit; inside a transaction of somebody who asked already."""
    found = tx.collections.of_pipeline(pipeline) if pipeline else tx.collections.of_commit(project, commit)
    wanted = [one for one in found if one.project == project and kind in (None, one.occasion)]
    return max(wanted, key=lambda one: one.id, default=None)


def silent_sources(actor: Actor, tools: ContractTools, node: int) -> Sequence[SilentSource]:
    """Registered sources that filled nothing of what they were due in the newest collections, the longest silence
    first."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.VIEW_COLLECTIONS, node)
        found = unit.tx.collections.of_projects(_projects(unit, node), MOST)
    due: dict[str, list[tuple[int, bool]]] = {}  # of each source: when a collection was closed, and whether it filled
    for one in found:
        if not one.closed:
            continue
        wanted = {need.need.id: need.need.made_by for need in one.due.needs}
        for slot in one.slots:
            for word in wanted.get(slot.need, ()):
                if word.startswith(_SOURCE) and slot.state not in (SlotState.NOT_APPLICABLE, SlotState.WAIVED):
                    due.setdefault(word, []).append((one.closed, slot.state not in _EMPTY))
    silent = [_silence(word, told) for word, told in due.items()]
    return sorted((one for one in silent if one.in_a_row), key=lambda one: (-one.in_a_row, one.source))


def _silence(word: str, told: Sequence[tuple[int, bool]]) -> SilentSource:
    """``told`` the newest first."""
    row: list[int] = []
    for closed, came in told:
        if came:
            break
        row.append(closed)
    return SilentSource(
        source=word.removeprefix(_SOURCE), in_a_row=len(row), since=row[-1] if row else 0, due=len(told)
    )


def collection_for(unit: UnitOfWork, uid: str) -> Collection:
    found = unit.tx.collections.of_uid(uid)
    missing = not_found(t("There is no collection {uid}.", uid=uid[:80])).message
    unit.require(use_cases.VIEW_COLLECTIONS, found.project if found else None, missing)
    assert found is not None
    return found


def _projects(unit: UnitOfWork, node: int) -> Sequence[int] | None:
    """Those at the node and below it where the actor may look; None: all."""
    if node == INSTANCE:
        return unit.projects_or_all(use_cases.VIEW_COLLECTIONS)
    at = unit.tx.tree.get(node)
    assert at is not None
    seen = unit.nodes(use_cases.VIEW_COLLECTIONS)
    return [one.id for one in seen if one.kind is NodeKind.PROJECT and is_within(one.path, at.path)]


def _seen(
    tx: Transaction, tools: ContractTools, collection: Collection, at: int, *, late: bool = False
) -> SeenCollection:
    if collection.closed and not late:
        return SeenCollection(
            collection=collection,
            slots=collection.slots,
            conditions=collection.conditions,
            complete=complete(collection.slots),
        )
    found = collection_now(tx, tools, collection, at=at)
    kinds, named = _kinds(collection), {event for slot in found.slots for event in slot.evidence}
    pieces = {one.event: one for one in found.evidence if one.event in named and one.kind in kinds}
    came = _late(tx, tools, collection) if collection.closed else ()
    return SeenCollection(
        collection=collection,
        slots=found.slots,
        conditions=found.conditions,
        evidence=pieces,
        late=came,
        complete=complete(found.slots),
        problems=problems_of(collection),
    )


def _late(tx: Transaction, tools: ContractTools, collection: Collection) -> tuple[Evidence, ...]:
    """What events say that came late, with what it is."""
    named = set()
    for entry in islice(tools.ledger.of_subject(collection.uid), _LATE):
        if entry.type == events.EvidenceLate.TYPE and entry.source == tools.units.source:
            named.add(str(read_event(entry.body).content.get("evidence", "")))
    if not named:
        return ()
    node = tx.tree.get(collection.project)
    path = node.path if node is not None else collection.path
    every = tools.gathered.of(tx, tools.moves(), path, collection.first)
    kinds = _kinds(collection)
    return tuple(
        one for one in every.evidence if one.seq > collection.last and one.event in named and one.kind in kinds
    )


def _kinds(collection: Collection) -> frozenset[str]:
    """Kinds of evidence that are due: one event may tell several."""
    return frozenset(kind for one in collection.due.needs for kind in one.need.kinds)


def problems_of(collection: Collection) -> tuple[Problem, ...]:
    """Of the contracts that hold and cannot be read, as they would be told today."""
    found: list[Problem] = []
    for one in collection.broken:
        read = read_once(one.text, one.contract) if one.text else ()
        if not isinstance(read, Contract):
            found += read
    return tuple(found)
