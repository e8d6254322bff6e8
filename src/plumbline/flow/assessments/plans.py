"""Who takes which step of a node's roadmap, and by when: said by somebody, kept in the ledger, part of what is assessed
later."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from msgspec import UNSET

from plumbline.access import use_cases
from plumbline.evidence.vocabulary import own_operations as own
from plumbline.flow.assessments.as_called_now import filed
from plumbline.flow.assessments.assess import plans_of, seen_of
from plumbline.flow.assessments.packs import pack_named
from plumbline.flow.assessments.tools import record_about, refused
from plumbline.flow.tree.former_names import read_moves
from plumbline.kernel import t
from plumbline.model.assessment import StepPlan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from plumbline.access import Actor
    from plumbline.flow.assessments.tools import AssessmentTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.kernel import Text
    from plumbline.model.moves import Moves

LONGEST_OWNER = 100  # letters


def plan_step(
    actor: Actor, tools: AssessmentTools, node: int, standard: str, item: str, level: str, plan: StepPlan
) -> None:
    """Say it of the step that brings an item up to a level; an empty plan: nobody takes it any more.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``no-such-step``, ``plan-wrong``.
    """
    with tools.units.view(actor) as unit:
        unit.require(use_cases.PLAN_STEP, node)
    pack = pack_named(tools, standard).pack
    if pack.item(item) is None or level not in {one.id for one in pack.levels}:
        raise refused(
            "no-such-step",
            t("The model has no step of '{item}' to level '{level}'.", item=item, level=level),
            t("The roadmap of an assessment lists the steps."),
        )
    owner = plan.owner.strip()
    if len(owner) > LONGEST_OWNER or not owner.isprintable():
        raise _wrong(t("A name is one line, of at most {count} letters.", count=LONGEST_OWNER))
    if plan.due and not _is_day(plan.due):
        raise _wrong(t("'{text}' is not a day.", text=plan.due[:40]))
    content = own.RoadmapStepPlanned(
        standard=standard, item=item, level=level, person=actor.name, owner=owner or UNSET, due=plan.due or UNSET
    )
    with tools.units.change(actor) as unit:
        unit.refresh()
        path = unit.require(use_cases.PLAN_STEP, node)[0].path
        record_about(unit.tx, unit.writer, path, f"{standard}:{item}:{level}", content)


def list_plans(actor: Actor, tools: AssessmentTools, node: int, standard: str) -> Mapping[tuple[str, str], StepPlan]:
    """Those of a node as they stand now, by item and level. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        path = unit.require(use_cases.LIST_NODE_ASSESSMENTS, node)[0].path
    entries, moves = tools.ledger.of_types([own.RoadmapStepPlanned.TYPE]), read_moves(tools.ledger)
    told = (
        filed(seen, entry.sender, entry.seq, moves).seen
        for entry in entries
        if (seen := seen_of(entry.body, entry.sender)) is not None
    )
    return plans_of(told, path, standard)


def steps_of(
    unit: UnitOfWork, tools: AssessmentTools, moves: Moves, names: Collection[str]
) -> Iterator[tuple[int, str, str, StepPlan]]:
    """Steps that somebody of one of these names took: the node, its path, the item, and the plan. What is reached since
    stays until it is planned away."""
    last: dict[tuple[str, ...], StepPlan] = {}
    for entry in tools.ledger.of_types([own.RoadmapStepPlanned.TYPE]):
        seen = seen_of(entry.body, entry.sender)
        if seen is None or not seen.own:
            continue
        said, path = seen.content, moves.now(str(seen.custom.get("project", "")), entry.seq)
        which = path, str(said.get("standard")), str(said.get("item")), str(said.get("level"))
        last[which] = StepPlan(owner=str(said.get("owner", "")), due=str(said.get("due", "")))
    for (path, _standard, item, level), plan in last.items():
        node = unit.tx.tree.at(path) if plan.owner in names else None
        if node is not None and unit.may(use_cases.LIST_NODE_ASSESSMENTS, node.id):
            yield node.id, path, f"{item} → {level}", plan


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _wrong(message: Text) -> Exception:
    return refused("plan-wrong", message, t("Write a name, and a day such as 2027-12-31."))
