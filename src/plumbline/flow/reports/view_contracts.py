"""See which operations of the interfaces of a pipeline are tested. Raises PlumblineError ``not-found``,
``not-allowed``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.pipelines.look_up import pipeline_for
from plumbline.flow.reports.interface import contracts_seen
from plumbline.flow.reports.newest import newest_reports

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.reports.interface import ContractSeen
    from plumbline.flow.reports.tools import ReportTools


def view_contracts(actor: Actor, tools: ReportTools, pipeline: int) -> list[ContractSeen]:
    """Empty: no report is a contract, and its commit has none with a known name; that is no data."""
    with tools.units.view(actor) as unit:
        found = pipeline_for(unit, use_cases.VIEW_REPORTS, pipeline)
        return contracts_seen(unit.tx, newest_reports(unit.tx, found))
