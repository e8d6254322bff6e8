"""Tests: what those of a pipeline came to, one case over time, and those of a project over time."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.reports.quarantine import quarantine_case, release_case
from plumbline.flow.reports.seen_tests import TestFilter
from plumbline.flow.reports.view_reports import list_reports
from plumbline.flow.reports.view_tests import view_case, view_project_tests, view_tests
from plumbline.flow.tree.read_tree import permitted
from plumbline.kernel import t
from plumbline.model.report import CaseOutcome
from plumbline.web.case_list import case_list, choices, figures
from plumbline.web.days import day_on
from plumbline.web.done import Done
from plumbline.web.limits import checked_line
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import keeps
from plumbline.web.places import PROJECTS, Entry, Group
from plumbline.web.reported import LAYERS, OUTCOMES
from plumbline.web.series_charts import Run, bars_of
from plumbline.web.test_series import by_pipeline, said_of, shown_bases
from plumbline.web.tree import find

if TYPE_CHECKING:
    from plumbline.flow.reports.seen_tests import CaseHistory
    from plumbline.web.series_charts import Series

DRAWN = "M3 3h10v10H3zM5.5 8.2l1.8 1.8 3.4-3.8"
FEW = 10  # cases in the lists of a project
_BAD = (CaseOutcome.FAILED, CaseOutcome.ERROR)
_TONES = {"passed": "s-success", "failed": "s-failed", "error": "s-failed", "skipped": "s-skipped"}


@shows("/pipelines/{pipeline:int}/tests", use_case=use_cases.VIEW_REPORTS, inside="tests", slow=True)
def of_pipeline(ask: Ask) -> Shown | Raw:
    found = case_list(ask, ask.numbers["pipeline"])
    if isinstance(found, Raw):
        return found
    listing, seen = found
    pipeline = seen.pipeline
    assert pipeline is not None
    reports = list_reports(ask.actor, ask.tools.reports, pipeline.id)
    values = {
        "pipeline": pipeline,
        "ancestors": find(ask, pipeline.project)[1],
        "links_itself": True,
        "seen": seen,
        "bases": shown_bases([one.base for one in seen.runs if not one.stale]),
        "listing": listing,
        "figures": figures(seen, listing.address),
        "choices": choices(seen),
        "reports": [one for one in reports if one.holds == "tests" or one.kind == "junit"],
        "command": api_command(f"/pipelines/{pipeline.id}/tests"),
    }
    return Shown("tests.html", values)


@shows("/projects/{node:int}/tests/{case:int}", use_case=use_cases.VIEW_REPORTS, inside="tests")
def case(ask: Ask) -> Shown:
    node, ancestors = find(ask, ask.numbers["node"])
    seen = view_case(ask.actor, ask.tools.reports, node.id, ask.numbers["case"])
    took = [one.seconds for one in seen.runs if one.seconds is not None]
    (quarantines,) = permitted(ask.actor, ask.tools.tree, node.id, use_cases.QUARANTINE_TEST)
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "case": seen.case,
        "newest": seen.runs[0] if seen.runs else None,
        "said": next((one.words for one in seen.runs if one.words is not None and one.words.message), None),
        "runs": seen.runs,
        "failed": seen.failed_of[0],
        "of": seen.failed_of[1],
        "flaky": seen.flaky,
        "median": median(took) if took else None,
        "chart": _times(seen),
        "quarantine": next((one for one in seen.quarantines if one.holds(ask.now)), None),
        "before": [one for one in seen.quarantines if not one.holds(ask.now)],
        "quarantines": quarantines,
        "command": api_command(f"/projects/{node.id}/tests/{seen.case.id}"),
    }
    return Shown("test_case.html", values)


def _times(seen: CaseHistory) -> Series | None:
    """How long each run took, as far as they say; the newest to the right."""
    runs = [
        Run(
            f"/pipelines/{one.run.pipeline}/tests" if one.run.pipeline else f"/ledger?q={one.run.commit}",
            str(t("{commit}: {outcome}, {time} s", commit=one.run.commit[:8], outcome=OUTCOMES[one.outcome],
                  time=f"{one.seconds:.3f}")),
            one.run.created,
            ((_TONES[one.outcome], round(one.seconds * 1000)),),
        )
        for one in reversed(seen.runs[:40])
        if one.seconds is not None
    ]  # fmt: skip
    return bars_of(runs, unit="ms")


@does("/projects/{node:int}/tests/{case:int}/quarantine", use_case=use_cases.QUARANTINE_TEST, done=Done.SAVED)
@keeps(case)
def put_in(ask: Ask) -> Redirect:
    node, number = ask.numbers["node"], ask.numbers["case"]
    owner, reason, until = checked_line(ask.text("owner")), checked_line(ask.text("reason")), day_on(ask, "until") or 0
    quarantine_case(ask.actor, ask.tools.reports, node, number, owner=owner, reason=reason, until=until)
    return Redirect(f"/projects/{node}/tests/{number}")


@does("/projects/{node:int}/tests/{case:int}/release", use_case=use_cases.QUARANTINE_TEST, done=Done.SAVED)
def take_out(ask: Ask) -> Redirect:
    node, number = ask.numbers["node"], ask.numbers["case"]
    release_case(ask.actor, ask.tools.reports, node, number)
    return Redirect(f"/projects/{node}/tests/{number}")


@shows("/projects/{node:int}/tests", use_case=use_cases.VIEW_REPORTS, entries=(
    Entry("tests", t("Tests"), Group.BUILD, kinds=PROJECTS, order=3, drawn=DRAWN),))  # fmt: skip
def of_project(ask: Ask) -> Shown:
    node, ancestors = find(ask, ask.numbers["node"])
    seen = view_project_tests(ask.actor, ask.tools.reports, node.id)
    newest = None
    if seen.newest:
        newest = view_tests(ask.actor, ask.tools.reports, seen.newest, TestFilter(outcomes=_BAD, limit=FEW))
    runs = by_pipeline(seen.trend)
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "runs": runs,
        "chart": bars_of([Run(one.path, said_of(one), one.created, one.parts) for one in runs]),
        "newest": newest,
        "flaky": seen.flaky[:FEW],
        "quarantined": seen.quarantines,
        "layers": LAYERS,
        "command": api_command(f"/projects/{node.id}/tests"),
    }
    return Shown("project_tests.html", values)


PART = (of_pipeline, case, put_in, take_out, of_project)
