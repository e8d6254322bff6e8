"""What gates said over time, and each judgement with all it rests on.

All raise PlumblineError ``not-found`` or ``not-allowed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import t
from plumbline.model.tree import INSTANCE, NodeKind, is_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.gates.tools import GateTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.gate import Evaluation


def list_evaluations(
    actor: Actor, tools: GateTools, node: int, *, policy: str = "", before: int = 0, limit: int = 50
) -> Sequence[Evaluation]:
    """Of a project, or of all below a node (0: everywhere), the newest first; ``before``: the id of the last seen."""
    with tools.units.view(actor) as unit:
        return unit.tx.evaluations.of_projects(_projects(unit, node), limit, before=before, policy=policy)


def view_evaluation(actor: Actor, tools: GateTools, uid: str) -> Evaluation:
    with tools.units.view(actor) as unit:
        return evaluation_for(unit, uid)


def evaluation_for(unit: UnitOfWork, uid: str) -> Evaluation:
    found = unit.tx.evaluations.of_uid(uid)
    missing = t("There is no evaluation {evaluation}.", evaluation=uid)
    unit.require(use_cases.VIEW_EVALUATIONS, found.project if found is not None else None, missing)
    if found is None:
        raise not_found(missing)
    return found


def _projects(unit: UnitOfWork, node: int) -> Sequence[int] | None:
    unit.require(use_cases.VIEW_EVALUATIONS, node)
    if node == INSTANCE:
        return unit.projects_or_all(use_cases.VIEW_EVALUATIONS)
    path = unit.tx.tree.ancestors(node)[0].path
    nodes = unit.nodes(use_cases.VIEW_EVALUATIONS)
    return [one.id for one in nodes if one.kind is NodeKind.PROJECT and is_within(one.path, path)]
