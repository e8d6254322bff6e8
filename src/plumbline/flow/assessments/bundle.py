"""Hand out an assessment in one file that anybody can compute again."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.assessments.assess_ledger import export
from plumbline.flow.assessments.records import record_for

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.assessments.tools import AssessmentTools


def export_assessment(actor: Actor, tools: AssessmentTools, seq: int) -> bytes:
    """Raises PlumblineError ``not-found``, ``not-allowed``, and as :func:`export` does."""
    record, _ = record_for(actor, tools, use_cases.EXPORT_ASSESSMENT, seq)
    file = io.BytesIO()
    export(tools, record, file)
    return file.getvalue()
