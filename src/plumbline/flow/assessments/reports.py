"""Reports that were handed out, told to the ledger: whose data they show, and how old that was."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.evidence import timestamp, write_event
from plumbline.evidence.vocabulary import own_operations as own

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.assessments.records import Opened
    from plumbline.flow.assessments.tools import AssessmentTools

_DAY = 86_400_000_000  # microseconds


def tell_report(actor: Actor, tools: AssessmentTools, opened: Opened, form: str) -> None:
    """That somebody was handed a report in this form; the same again on the same day (UTC) is told already. Raises
    PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.change(actor) as unit:
        unit.require(use_cases.VIEW_ASSESSMENT, opened.node)
        seq, writer = opened.record.seq, unit.writer
        same = f"{seq} {form} {actor.name} {writer.now // _DAY}"
        id_ = f"report:{sha256(same.encode()).hexdigest()[:32]}"
        if tools.ledger.find(writer.source, id_) is not None:
            return
        content = own.ReportMade(
            template=f"plumbline assessment {form}",
            data_as_of=timestamp(opened.record.end),
            person=actor.name,
            assessment=seq,
        )
        path = opened.record.path
        unit.tx.record(write_event(content, id=id_, source=writer.source, subject=path, time=writer.now, project=path))
