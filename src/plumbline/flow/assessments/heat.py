"""What the systems and projects below a node would be graded now."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.assessments.assess_ledger import grade_now
from plumbline.flow.assessments.packs import pack_named
from plumbline.flow.assessments.tools import nodes_where, read_standing
from plumbline.model.tree import NodeKind

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.assessments.tools import AssessmentTools, Standing
    from plumbline.model.assessment import Assessment
    from plumbline.model.tree import Node

MOST_ROWS = 60  # of a heat map
_KEPT = 128  # grades that are kept in memory, for as long as nothing is added to the ledger, at most an hour
_HOUR = 3_600_000_000
_KINDS = (NodeKind.SYSTEM, NodeKind.PROJECT)


@dataclass(frozen=True, slots=True)
class Heat:
    """A node and what it would be graded now."""

    node: Node
    grade: Assessment


def view_grades(actor: Actor, tools: AssessmentTools, node: int, pack: str) -> tuple[Heat, ...]:
    """Of the node alone where there is nothing below it that the actor may see; nothing is recorded.

    Raises PlumblineError ``not-found``, ``not-allowed``.
    """
    with tools.units.view(actor) as unit:
        top = unit.require(use_cases.VIEW_GRADES, node)[0]
        every = nodes_where(unit, use_cases.VIEW_GRADES)
    pack_named(tools, pack)
    below = [one for one in every if one.path.startswith(f"{top.path}/") and one.kind in _KINDS]
    age = (tools.ledger.size(), tools.units.clock() // _HOUR)
    return tuple(Heat(one, _graded(tools, one.path, pack, age)) for one in (below or [top])[:MOST_ROWS])


@lru_cache(_KEPT)
def _graded(tools: AssessmentTools, path: str, pack: str, age: tuple[int, int]) -> Assessment:
    return grade_now(tools, path, pack, _standing(tools, age))


@lru_cache(1)
def _standing(tools: AssessmentTools, age: tuple[int, int]) -> Standing:
    return read_standing(tools.ledger, age[0])
