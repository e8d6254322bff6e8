"""What was due of a pipeline and what its gates said, as the page of the pipeline shows it in a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.contracts.status import evidence_of_pipeline
from plumbline.flow.gates.evaluate import gates_of
from plumbline.flow.tree.read_tree import permitted
from plumbline.model.contract import SlotState
from plumbline.web.gate_rows import completeness, missing_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.gates.answer import GateAnswer
    from plumbline.model.server import StoredPipeline
    from plumbline.web.page import Ask


@dataclass(frozen=True, slots=True)
class DueLine:
    """``collections``: how many contracts' collections there are; 0: no contract holds. ``gates`` None: no gate looked
    at it yet, or the reader may not see what they say."""

    collections: int
    there: int
    due: int
    missing: Sequence[str]
    open: bool
    gates: GateAnswer | None

    @property
    def anything(self) -> bool:
        return self.collections > 0 or self.gates is not None


def due_of(ask: Ask, pipeline: StoredPipeline) -> DueLine:
    collects, judges = permitted(
        ask.actor, ask.tools.tree, pipeline.project, use_cases.VIEW_COLLECTIONS, use_cases.VIEW_EVALUATIONS
    )
    seen = evidence_of_pipeline(ask.actor, ask.tools.contracts, pipeline.id) if collects else ()
    answer = gates_of(ask.actor, ask.tools.gates, pipeline=pipeline.id) if judges else None
    slots = [slot for one in seen for slot in one.slots]
    counted = completeness(slots)
    return DueLine(
        collections=len(seen),
        there=counted.there,
        due=counted.due,
        missing=missing_names(slots),
        open=any(slot.state is SlotState.OPEN for slot in slots),
        gates=answer if answer is not None and answer.evaluations else None,
    )
