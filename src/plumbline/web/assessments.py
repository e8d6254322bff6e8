"""What the pages about assessments, statements and exemptions have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.assessments.records import view_assessment
from plumbline.flow.assessments.view_node import view_node

if TYPE_CHECKING:
    from plumbline.flow.assessments.assess_ledger import Record
    from plumbline.flow.assessments.records import Opened
    from plumbline.flow.assessments.view_node import AssessedNode
    from plumbline.model.assessment import Assessment
    from plumbline.web.page import Ask

DEFAULT = "continuous-delivery"  # pack


def node_of(ask: Ask, node: int) -> tuple[AssessedNode, dict[str, object]]:
    """A node, and what every page about it shows."""
    here = view_node(ask.actor, ask.tools.assessments, node)
    return here, {"node": here.node, "ancestors": tuple(reversed(here.ancestors)), "links_itself": True}


def opened(ask: Ask) -> tuple[Record, Assessment, dict[str, object]]:
    """An assessment, and what every page about it shows."""
    found = view_assessment(ask.actor, ask.tools.assessments, ask.numbers["seq"])
    return found.record, found.assessment, values_of(ask, found)


def values_of(ask: Ask, found: Opened) -> dict[str, object]:
    here, values = node_of(ask, found.node)
    levels = dict(found.assessment.levels)
    return {
        **values,
        "record": found.record,
        "made": found.assessment,
        "levels": levels,
        "order": list(levels),
        "reads": here.reads_ledger,
        "exports": here.exports,
        "plans_steps": here.plans,
        "grants": here.waives,
        "writes": here.states,
    }
