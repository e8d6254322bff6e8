"""Assess a node because somebody asks, and record the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.assessments.assess_ledger import assess_frozen, record_finished, recorded
from plumbline.flow.assessments.packs import pack_named
from plumbline.flow.assessments.records import Opened
from plumbline.flow.assessments.tools import refused
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.assessments.tools import AssessmentTools


def assess_node(actor: Actor, tools: AssessmentTools, node: int, pack: str, *, refresh: bool = True) -> Opened:
    """``refresh``: look at the repositories first, so that what they tell is in the ledger.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``node-moved``, and as :func:`assess_frozen` does.
    """
    with tools.units.view(actor) as unit:
        path = unit.require(use_cases.RUN_ASSESSMENT, node)[0].path
    pack_named(tools, pack)
    made = assess_frozen(tools, path, pack, refresh=refresh)
    with tools.units.change(actor) as unit:
        unit.refresh()
        if unit.require(use_cases.RUN_ASSESSMENT, node)[0].path != path:
            raise refused(
                "node-moved",
                t("{path} was renamed or moved while it was assessed; nothing was recorded.", path=path),
                t("Assess it again."),
            )
        draft = record_finished(unit.tx, unit.writer, made, actor.name)
    return Opened(recorded(tools, draft), made, node)
