"""What statements are about, as pages call it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.assessments.packs import list_packs
from plumbline.judging import STATEMENTS

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.assessments.tools import AssessmentTools
    from plumbline.model.words import Words


def topics_of(actor: Actor, tools: AssessmentTools) -> dict[str, Words]:
    """What the packs ask persons for, by the name of the fact."""
    signals = (signal for pack in list_packs(actor, tools) for signal in pack.signals)
    found = {signal.fact: signal.title for signal in signals if signal.probe in STATEMENTS}
    return dict(sorted(found.items()))
