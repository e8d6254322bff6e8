"""Findings: of a project or all below a node, of a pipeline against its base, and the story of one; what is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.reports.decide import MOST as MOST_AT_ONCE
from plumbline.flow.reports.decide import Wanted, approve_decision, decide_findings
from plumbline.flow.reports.view_findings import (
    OPEN,
    FindingFilter,
    FindingSeen,
    view_finding,
    view_findings,
    view_pipeline_findings,
    view_scans,
)
from plumbline.flow.reports.view_reports import list_reports
from plumbline.flow.tree.read_tree import permitted
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.report import ScanKind, Severity
from plumbline.model.reported import FindingState
from plumbline.model.tree import NodeKind
from plumbline.web.days import day_on
from plumbline.web.done import Done
from plumbline.web.files import FORMS, MOST, Moment
from plumbline.web.finding_words import ACTS, DECIDED, STATES, WHY, place_of
from plumbline.web.limits import checked_line
from plumbline.web.lists import PAGE, Column, ListKind, listing_of
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, does, local, shows
from plumbline.web.panels import keeps
from plumbline.web.places import PROJECTS, Entry, Group
from plumbline.web.reported import SCANS, SEVERITIES, severity_rank
from plumbline.web.tree import find

if TYPE_CHECKING:
    from enum import StrEnum
    from typing import TypeVar

    from plumbline.flow.reports.decide import Decided
    from plumbline.model.tree import Node

    E = TypeVar("E", bound=StrEnum)

_DRAWN = "M8 1.8l5 2v4c0 3.2-2 5.4-5 6.4-3-1-5-3.2-5-6.4v-4zM8 5.5v3M8 10.6v.01"
_SCANS = frozenset({  # keys of artifacts:reports that are meant for scans
    "sast", "secret_detection", "dependency_scanning", "container_scanning", "dast", "codequality", "license_scanning",
    "api_fuzzing", "coverage_fuzzing", "sarif",
})  # fmt: skip
_BOX = "finding-"  # with its number: the field of one that is chosen

_KIND: ListKind[FindingSeen] = ListKind(
    "findings",
    (
        Column("severity", t("Severity"), lambda row: str(SEVERITIES[row.finding.severity])),
        Column("finding", t("Finding"), lambda row: row.finding.title or row.finding.rule),
        Column("place", t("Place"), lambda row: place_of(row.finding)),
        Column("numbers", t("Numbers"), lambda row: " ".join(row.finding.identifiers), shown=False),
        Column("rule", t("Rule"), lambda row: row.finding.rule, shown=False),
        Column("kind", t("Kind"), lambda row: str(SCANS[row.finding.kind])),
        Column("tool", t("Tool"), lambda row: row.finding.tool),
        Column("state", t("State"), lambda row: str(STATES[row.finding.state])),
        Column("owner", t("Owner"), lambda row: row.decision.owner if row.decision else "", shown=False),
        Column("until", t("Until"), lambda row: Moment(row.finding.until) if row.finding.until else None, number=True,
               unit="UTC", shown=False),
        Column("first", t("Found first"), lambda row: Moment(row.finding.first), number=True, unit="UTC"),
        Column("last", t("Last seen"), lambda row: Moment(row.finding.last), number=True, unit="UTC", shown=False),
    ),
    ("q", "state", "severity", "kind", "tool"),
)  # fmt: skip


@shows("/projects/{node:int}/findings", use_case=use_cases.VIEW_FINDINGS, slow=True, entries=(
    Entry("findings", t("Findings"), Group.PROTECT, kinds=PROJECTS, drawn=_DRAWN),))  # fmt: skip
def of_project(ask: Ask) -> Shown | Raw:
    node, ancestors = find(ask, ask.numbers["node"])
    return _shown(ask, node, ancestors)


def _shown(ask: Ask, node: Node, ancestors: tuple[Node, ...]) -> Shown | Raw:
    listing = listing_of(ask, _KIND)
    chosen = listing.chosen
    whole = FindingFilter(
        states=_states(chosen.get("state", "")),
        severities=_ones(Severity, chosen.get("severity", "")),
        kinds=_ones(ScanKind, chosen.get("kind", "")),
        tool=chosen.get("tool", ""),
        words=chosen.get("q", ""),
        limit=MOST + 1,
    )
    seen = view_findings(ask.actor, ask.tools.reports, node.id, whole)
    if ask.text("file") in FORMS:
        found = listing.file(ask, seen.findings)
        assert found is not None
        return found
    offset = int(listing.here) if listing.here.isascii() and listing.here.isdecimal() and len(listing.here) < 9 else 0
    end = offset + PAGE
    rows = seen.findings[offset:end]
    scans = view_scans(ask.actor, ask.tools.reports, node.id) if node.kind is NodeKind.PROJECT else ()
    (decides,) = permitted(ask.actor, ask.tools.tree, node.id, use_cases.DECIDE_FINDING)
    counts = seen.counts.get(node.id, {})
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "listing": listing.with_rows(rows, seen.found, str(end) if end < seen.found else ""),
        "scans": [one.scan for one in scans],
        "kinds": SCANS,
        "tallies": _tallies(counts),
        "choices": _choices(sorted({one.scan.tool for one in scans if one.scan.tool})),
        "place_of": place_of,
        "decides": decides,
        "acts": list(ACTS.items()),
        "outcomes": (),
        "most": MOST_AT_ONCE,
        "command": api_command(f"/projects/{node.id}/findings"),
    }
    return Shown("findings.html", values)


def _states(text: str) -> tuple[FindingState, ...]:
    """What is open where nothing is chosen."""
    if text == "any":
        return ()
    return _ones(FindingState, text) if text and text != "open" else OPEN


def _ones(kind: type[E], text: str) -> tuple[E, ...]:
    return tuple(one for one in kind if one.value == text)


def _tallies(counts: object) -> list[tuple[Severity, int]]:
    """Open ones by severity, the worst first."""
    found = dict.fromkeys(SEVERITIES, 0)
    for (state, level), number in counts.items() if isinstance(counts, dict) else ():
        if state in OPEN:
            found[Severity(level)] += number
    return sorted(found.items(), key=lambda one: severity_rank(one[0]))


def _choices(tools: list[str]) -> list[tuple[str, object, object, list[tuple[str, object]]]]:
    """What the filters offer: the name of each, its title, what holds where nothing is chosen, and its values."""
    states = [(one.value, said) for one, said in STATES.items() if one is not FindingState.OPEN]
    return [
        ("state", t("State"), t("open"), [("any", t("any")), *states]),
        ("severity", t("Severity"), t("any"), [(one.value, said) for one, said in SEVERITIES.items()]),
        ("kind", t("Kind"), t("any"), [(one.value, said) for one, said in SCANS.items()]),
        ("tool", t("Tool"), t("any"), [(one, one) for one in tools]),
    ]


@does("/projects/{node:int}/findings/decide", use_case=use_cases.DECIDE_FINDING, done=Done.SAVED, inside="findings")
@keeps(of_project)
def decide_many(ask: Ask) -> Shown | Redirect:
    """Those that were chosen, with one reason; what was refused is shown with why, beside what was decided."""
    node, ancestors = find(ask, ask.numbers["node"])
    chosen = _marked(ask)
    if not chosen:
        message = t("No finding is chosen.")
        raise PlumblineError("findings-wrong", message, t("Mark some in the list first."), kind=ErrorKind.REFUSED)
    made = decide_findings(ask.actor, ask.tools.reports, chosen, _wanted(ask))
    errors = [one.error for one in made if one.error is not None]
    if len(errors) == len(made):
        raise errors[0]
    if not any(one.error or one.waits for one in made):
        return Redirect(local(ask.text("next") or f"/projects/{node.id}/findings"))
    shown = _shown(ask, node, ancestors)
    assert isinstance(shown, Shown)
    return Shown(shown.template, {**shown.values, "outcomes": made, "here": f"/projects/{node.id}/findings"})


def _marked(ask: Ask) -> list[int]:
    """The findings whose boxes were ticked: each box is a field of its own; or the one that is named."""
    numbers = [name.removeprefix(_BOX) for name in ask.form if name.startswith(_BOX)] or [ask.form.get("finding", "")]
    return [int(one) for one in numbers if one.isascii() and one.isdecimal() and len(one) < 19]


def _wanted(ask: Ask) -> Wanted:
    act = ask.text("act")
    if act not in ACTS:
        raise PlumblineError("invalid-request", t("Choose what is decided."), kind=ErrorKind.CONFIGURATION)
    return Wanted(
        act=act,  # type: ignore[arg-type]
        reason=ask.text("reason").replace("\r\n", "\n"),
        owner=checked_line(ask.text("owner")).strip(),
        until=day_on(ask, "until") or 0,
    )


@shows("/findings/{finding:int}", use_case=use_cases.VIEW_FINDINGS, inside="findings")
def one(ask: Ask) -> Shown:
    seen = view_finding(ask.actor, ask.tools.reports, ask.numbers["finding"])
    node, ancestors = find(ask, seen.project.id)
    decides, agrees = permitted(
        ask.actor, ask.tools.tree, node.id, use_cases.DECIDE_FINDING, use_cases.APPROVE_DECISION
    )
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "one": seen.finding,
        "place": place_of(seen.finding),
        "why": WHY.get(seen.finding.why, seen.finding.why),
        "decided": list(reversed(seen.decisions)),
        "waits": any(each.needs_approval and not each.approver and not each.ended for each in seen.decisions),
        "sightings": seen.sightings,
        "kinds": SCANS,
        "decided_as": DECIDED,
        "decides": decides,
        "agrees": agrees,
        "acts": list(ACTS.items()),
        "command": api_command(f"/findings/{seen.finding.id}"),
    }
    return Shown("finding.html", values)


@does("/findings/{finding:int}/decide", use_case=use_cases.DECIDE_FINDING, done=Done.SAVED)
@keeps(one)
def decide(ask: Ask) -> Redirect:
    finding = ask.numbers["finding"]
    (made,) = decide_findings(ask.actor, ask.tools.reports, [finding], _wanted(ask))
    _told(made)
    return Redirect(f"/findings/{finding}")


def _told(made: Decided) -> None:
    if made.error is not None:
        raise made.error


@does("/findings/{finding:int}/agree", use_case=use_cases.APPROVE_DECISION, done=Done.SAVED)
@keeps(one)
def agree(ask: Ask) -> Redirect:
    """``agree`` 0: the decision is rejected."""
    approve_decision(ask.actor, ask.tools.reports, ask.number("decision"), agree=ask.text("agree") != "0")
    return Redirect(f"/findings/{ask.numbers['finding']}")


@shows("/pipelines/{pipeline:int}/findings", use_case=use_cases.VIEW_FINDINGS, inside="findings", slow=True)
def of_pipeline(ask: Ask) -> Shown:
    seen = view_pipeline_findings(ask.actor, ask.tools.reports, ask.numbers["pipeline"])
    pipeline = seen.pipeline
    reports = list_reports(ask.actor, ask.tools.reports, pipeline.id)
    values = {
        "pipeline": pipeline,
        "ancestors": find(ask, pipeline.project)[1],
        "links_itself": True,
        "scans": [each.scan for each in seen.scans],
        "reports": [each for each in reports if each.holds == "findings" or each.kind in _SCANS],
        "rows": seen.findings[:MOST_AT_ONCE],
        "more": max(0, len(seen.findings) - MOST_AT_ONCE),
        "kinds": SCANS,
        "place_of": place_of,
        "command": api_command(f"/pipelines/{pipeline.id}/findings"),
    }
    return Shown("pipeline_findings.html", values)


PART = (of_project, decide_many, one, decide, agree, of_pipeline)
