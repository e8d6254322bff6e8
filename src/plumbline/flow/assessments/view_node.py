"""A node as the pages about its assessments show it: where it stands, and what the actor may do there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.model.tree import Node

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.assessments.tools import AssessmentTools


class AssessedNode(NamedTuple):
    ancestors: Sequence[Node]  # the node, and those above it
    assesses: bool
    plans: bool
    exports: bool
    states: bool
    reviews: bool
    waives: bool
    rehearses: bool
    reads_ledger: bool

    @property
    def node(self) -> Node:
        return self.ancestors[0]


def view_node(actor: Actor, tools: AssessmentTools, node: int) -> AssessedNode:
    """Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        return AssessedNode(
            ancestors=unit.require(use_cases.LIST_NODE_ASSESSMENTS, node),
            assesses=unit.may(use_cases.RUN_ASSESSMENT, node),
            plans=unit.may(use_cases.PLAN_STEP, node),
            exports=unit.may(use_cases.EXPORT_ASSESSMENT, node),
            states=unit.may(use_cases.WRITE_STATEMENT, node),
            reviews=unit.may(use_cases.REVIEW_STATEMENT, node),
            waives=unit.may(use_cases.WAIVE_CRITERION, node),
            rehearses=unit.may(use_cases.RECORD_DRILL, node),
            reads_ledger=unit.may(use_cases.VIEW_ENTRY, node),
        )
