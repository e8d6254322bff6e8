"""A collection as it stands at one moment: a fold over the ledger, so that no add is ever lost to another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from plumbline.contracts import asked, conditions_of, slots
from plumbline.flow.artifacts.builds import build_of
from plumbline.flow.contracts.waived import waived_lines, whole
from plumbline.flow.pipelines.chains import with_children
from plumbline.model.contract import Slot, SlotState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.flow.contracts.tools import ContractTools
    from plumbline.model.contract import Collection, Condition, Evidence, Subjects
    from plumbline.model.ports.transaction import Transaction

BROKEN = "contract-broken"  # why a slot is unreadable: nobody knows what its contract asks for
_ITSELF = "contract."  # facts about the collection itself: a condition of its own contract cannot rest on them


class Now(NamedTuple):
    """``upto``: the newest entry that was looked at; ``evidence``: all that came, whether it fills anything or not."""

    subjects: Subjects
    slots: tuple[Slot, ...]
    conditions: tuple[Condition, ...]
    evidence: tuple[Evidence, ...]
    upto: int


def collection_now(
    tx: Transaction,
    tools: ContractTools,
    collection: Collection,
    *,
    at: int,
    closing: bool = False,
    conditions: Mapping[str, Condition] | None = None,
) -> Now:
    """``closing``: it is closed with what is seen here, in a transaction that writes; ``conditions`` were asked just
    before, since they may take their time. One that is closed keeps its slots, whatever came since."""
    path = _path(tx, collection)
    found = tools.gathered.of(tx, tools.moves(), path, collection.first, writing=closing)
    if collection.closed:
        kept = tuple(one for one in found.evidence if one.seq <= collection.last)
        return Now(collection.subjects, collection.slots, collection.conditions, kept, collection.last)
    subjects = with_artifacts(tx, collection.subjects)
    if conditions is None:
        conditions = conditions_now(tx, tools, collection)
    waived = waived_lines(tx, collection, subjects, at)
    due_until = collection.closes or collection.deadline
    folded = slots(
        collection.due,
        subjects,
        found.evidence,
        closed=closing,
        at=at,
        deadline=due_until,
        conditions=conditions,
        waived=waived,
    )
    broken = _broken(collection, waived)
    return Now(subjects, (*folded, *broken), tuple(conditions.values()), found.evidence, found.upto)


def _path(tx: Transaction, collection: Collection) -> str:
    node = tx.tree.get(collection.project)
    return node.path if node is not None else collection.path


def with_artifacts(tx: Transaction, subjects: Subjects) -> Subjects:
    """With the artifacts that the jobs of its pipeline, and of the child pipelines of it, made by now."""
    if not subjects.pipeline or subjects.artifacts:
        return subjects
    pipeline = tx.pipelines.get(subjects.pipeline)
    if pipeline is None:
        return subjects
    made = [
        one.digest
        for each in with_children(tx, pipeline)
        for job in {one.name: one for one in tx.jobs.of(each.id)}.values()
        if (build := build_of(tx, job, each)) is not None
        for one in build.made
    ]
    return replace(subjects, artifacts=tuple(sorted(set(made))))


def conditions_now(tx: Transaction, tools: ContractTools, collection: Collection) -> Mapping[str, Condition]:
    """Every condition of what is due, with its result and the facts that it was asked of."""
    names = [name for name in conditions_of(collection.due) if not name.startswith(_ITSELF)]
    facts = tools.facts_for(tx, collection, names) if names else {}
    known = {name: fact.value for name, fact in facts.items() if not fact.lack and fact.value is not None}
    return asked(collection.due, known)


def _broken(collection: Collection, waived: Mapping[str, str]) -> list[Slot]:
    """A contract that holds and cannot be read is due as a whole, and nothing fills it."""
    found = []
    for one in collection.broken:
        waiver = waived.get(whole(one.contract), "")
        state = SlotState.WAIVED if waiver else SlotState.UNREADABLE
        found.append(Slot(need=one.contract, contract=one.contract, subject="", state=state, rule=waiver, why=BROKEN))
    return found
