"""Interfaces: the operations that contracts of a pipeline declare, held against what its tests called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.pipelines.read import view_pipeline
from plumbline.flow.reports.view_contracts import view_contracts
from plumbline.flow.reports.view_reports import list_reports
from plumbline.flow.reports.view_tests import find_cases
from plumbline.kernel import t
from plumbline.reports.interface.coverage import Standing
from plumbline.web.page import Ask, Shown, api_command, shows
from plumbline.web.tree import find

if TYPE_CHECKING:
    from plumbline.flow.reports.interface import ContractSeen
    from plumbline.kernel import Text
    from plumbline.model.reported import CaseName

_HELD = ("contract", "calls")
_MOST = 500  # cases that a name of a test is looked for in
STANDINGS: dict[Standing, Text] = {
    Standing.COVERED: t("a test asserts something"),
    Standing.UNTOLD: t("called, but nobody told whether anything was asserted"),
    Standing.NOT_ASSERTED: t("called by tests that assert nothing"),
    Standing.SKIPPED: t("only by tests that were skipped"),
    Standing.NEVER: t("no test calls it"),
}


@shows("/pipelines/{pipeline:int}/contracts", use_case=use_cases.VIEW_REPORTS, inside="tests", slow=True)
def contracts(ask: Ask) -> Shown:
    pipeline = view_pipeline(ask.actor, ask.tools.pipelines, ask.numbers["pipeline"]).pipeline
    seen = view_contracts(ask.actor, ask.tools.reports, pipeline.id)
    reports = list_reports(ask.actor, ask.tools.reports, pipeline.id)
    values = {
        "pipeline": pipeline,
        "ancestors": find(ask, pipeline.project)[1],
        "links_itself": True,
        "contracts": seen,
        "standings": STANDINGS,
        "cases": _cases(ask, pipeline.project, seen),
        "reports": [one for one in reports if one.holds in _HELD],
        "command": api_command(f"/pipelines/{pipeline.id}/contracts"),
    }
    return Shown("contracts.html", values)


def _cases(ask: Ask, project: int, seen: list[ContractSeen]) -> dict[str, CaseName]:
    """The cases that go by the names which tests have in what was called, as far as there are such."""
    named = {test for one in seen if one.coverage for way in one.coverage.operations
             for test in (*way.tests, *(other for other, _ in way.others))}  # fmt: skip
    if not named:
        return {}
    found: dict[str, CaseName] = {}
    for one in find_cases(ask.actor, ask.tools.reports, project, "", _MOST):
        whole = f"{one.name}[{one.parameters}]" if one.parameters else one.name
        inside = f"{one.class_name}::{whole}" if one.class_name else whole
        key = "\x1f".join((one.file, one.class_name, one.name, one.parameters))
        found |= dict.fromkeys(named & {one.title, one.name, f"{one.file}::{inside}", f"{one.file}::{whole}", key}, one)
    return found


PART = (contracts,)
