"""Add evidence that was made elsewhere: a report file, as the word of whoever adds it.

It goes through the same intake as any other report, and fills what its contract lets a person's word fill, nothing
else. ``slot`` is only a hint: it is checked against the kind of the file before anything is kept.

Raises PlumblineError ``not-found``, ``not-allowed``, ``slot-kind``, ``collection-closed`` and those of
:func:`plumbline.flow.reports.add_report.add_report`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.access import use_cases
from plumbline.contracts import kinds
from plumbline.flow.contracts.explain import alone
from plumbline.flow.contracts.now import collection_now
from plumbline.flow.contracts.status import newest_collection
from plumbline.flow.reports.add_report import Brought, add_report
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.contract import Collection, Slot

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.contracts.now import Now
    from plumbline.flow.contracts.tools import ContractTools
    from plumbline.flow.reports.tools import ReportTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.reported import Taken


class AddedEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """``slots``: those of the newest collection that name what was added, with what they would come to by it alone: one
    that others filled is not filled by this. None: it fills nothing there, and is kept all the same. ``late``: the
    collection was closed before."""

    taken: Taken
    collection: Collection | None
    slots: tuple[Slot, ...] = ()
    late: bool = False


def add_evidence(
    actor: Actor, reports: ReportTools, tools: ContractTools, brought: Brought, slot: str = ""
) -> AddedEvidence:
    with tools.units.view(actor) as unit:
        before = _collection(unit, brought)
        if slot:
            _check_slot(unit, tools, before, slot, brought.kind)
    taken = add_report(actor, reports, brought)
    with tools.units.view(actor) as unit:
        held = _collection(unit, brought)
        if held is None or taken.report is None:
            return AddedEvidence(taken=taken, collection=held)
        seen = collection_now(unit.tx, tools, held, at=unit.now)
        name = f"{_subject(unit, held)}/reports/{taken.report.id}:added"
        named = tuple(_by(held, seen, one, name) for one in seen.slots if name in one.evidence)
        return AddedEvidence(taken=taken, collection=held, slots=named, late=bool(held.closed))


def _by(held: Collection, seen: Now, slot: Slot, event: str) -> Slot:
    """What a slot would come to by what one event told."""
    need = next((each for each in held.due.needs if each.need.id == slot.need), None)
    told = [one for one in seen.evidence if one.event == event]
    found = [alone(held, need, slot, seen, one) for one in told] if need is not None else []
    return next((one for one in found if one is not None and event in one.evidence), slot)


def _subject(unit: UnitOfWork, held: Collection) -> str:
    node = unit.tx.tree.get(held.project)
    return node.path if node is not None else held.path


def _collection(unit: UnitOfWork, brought: Brought) -> Collection | None:
    pipeline = unit.tx.pipelines.get(brought.pipeline) if brought.pipeline else None
    project = pipeline.project if pipeline is not None else brought.project
    missing = t("There is no pipeline {pipeline}.", pipeline=brought.pipeline)
    unit.require(use_cases.ADD_EVIDENCE, project or None, missing if brought.pipeline else None)
    return newest_collection(unit.tx, project, pipeline=brought.pipeline, commit=brought.commit)


def _check_slot(unit: UnitOfWork, tools: ContractTools, held: Collection | None, slot: str, kind: str) -> None:
    """Whether a file that somebody adds could be about it at all."""
    if held is None:
        raise not_found(t("There is no collection that this could be added to."))
    if held.closed:
        raise PlumblineError(
            "collection-closed",
            t("This collection is closed already."),
            t("What comes now is kept without --slot, marked as late, and changes nothing that was decided."),
            kind=ErrorKind.REFUSED,
        )
    found = [one for one in collection_now(unit.tx, tools, held, at=unit.now).slots if slot in (one.id, one.need)]
    needs = [each.need for each in held.due.needs if any(one.need == each.need.id for one in found)]
    if not needs:
        raise not_found(t("There is no slot {slot} in this collection.", slot=slot[:100]))
    takes = sorted({kind for need in needs for kind in need.kinds})
    if not any(kinds()[kind].reports for kind in takes if kind in kinds()):
        raise PlumblineError(
            "slot-kind",
            t("The slot {slot} takes {kinds}, which no file of a person can be.", slot=slot[:100],
              kinds=", ".join(takes)),
            t("`plumb evidence explain` says what would fill it, and whose word counts."),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip
    named = {name for name, one in kinds().items() if kind in (name, *one.reports)}
    if named and named.isdisjoint(takes):
        raise PlumblineError(
            "slot-kind",
            t("The slot {slot} takes {kinds}, and {kind} is none of it.", slot=slot[:100], kinds=", ".join(takes),
              kind=kind[:100]),
            t("`plumb evidence explain` says what would fill it, and whose word counts."),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip
