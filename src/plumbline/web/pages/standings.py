"""How the projects below a node, or all of them, stand by their tests and by what scans found: the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.reports.standings import ReportStanding, list_standings
from plumbline.kernel import t
from plumbline.model.person import fold
from plumbline.model.report import Severity
from plumbline.model.tree import NodeKind
from plumbline.web.files import Moment
from plumbline.web.lists import Column, ListKind, listing_of
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, shows
from plumbline.web.places import GROUPS, Entry, Group, Where
from plumbline.web.reported import SEVERITIES, severity_rank
from plumbline.web.tree import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.kernel import Text
    from plumbline.model.tree import Node

_TESTS = "M3 3h10v10H3zM5.5 8.2l1.8 1.8 3.4-3.8"
_FINDINGS = "M8 1.8l5 2v4c0 3.2-2 5.4-5 6.4-3-1-5-3.2-5-6.4v-4zM8 5.5v3M8 10.6v.01"
# What a project came to, the worst first, of either page.
_BAD, _GOOD, _UNKNOWN = "bad", "good", "unknown"
_SAID: dict[str, dict[str, Text]] = {
    "tests": {_BAD: t("with failing tests"), _GOOD: t("all pass"), _UNKNOWN: t("no data")},
    "findings": {_BAD: t("with open findings"), _GOOD: t("none open"), _UNKNOWN: t("no data")},
}


def _open(one: ReportStanding) -> int | None:
    return None if one.findings is None else sum(one.findings.values())


def _kind(part: str) -> ListKind[ReportStanding]:
    tests = part == "tests"
    return ListKind(
        f"{part}-by-project",
        (
            Column("project", t("Project"), lambda row: row.project.path, sorts=True),
            Column("tests", t("Tests"), lambda row: f"{row.bad}/{row.total}" if row.pipeline else None, shown=tests),
            Column("failed", t("Failed"), lambda row: row.bad if row.total else None, number=True, shown=False,
                   sorts=True),
            Column("flaky", t("Flaky"), lambda row: row.flaky if row.total else None, number=True, shown=tests,
                   sorts=True),
            Column("quarantined", t("In quarantine"), lambda row: row.quarantined if row.total else None, number=True,
                   shown=tests, sorts=True),
            Column("coverage", t("Coverage"), lambda row: row.coverage, shown=tests, sorts=True, unit="%"),
            Column("findings", t("Open findings"), _open, shown=True, sorts=True),
            Column("created", t("Newest report"), lambda row: Moment(row.time) if row.time else None, number=True,
                   unit="UTC", sorts=True),
        ),
        ("q", "state"),
        key=lambda row: str(row.project.id),
    )  # fmt: skip


_BY_TESTS, _BY_FINDINGS = _kind("tests"), _kind("findings")


@shows("/tests", use_case=use_cases.LIST_STANDINGS, slow=True, entries=(
    Entry("tests", t("Tests"), Group.BUILD, Where.ESTATE, order=3, drawn=_TESTS),))  # fmt: skip
def every_test(ask: Ask) -> Shown | Raw:
    return _shown(ask, "tests", None, ())


@shows("/findings", use_case=use_cases.LIST_STANDINGS, slow=True, entries=(
    Entry("findings", t("Findings"), Group.PROTECT, Where.ESTATE, drawn=_FINDINGS),))  # fmt: skip
def every_finding(ask: Ask) -> Shown | Raw:
    return _shown(ask, "findings", None, ())


@shows("/nodes/{node:int}/tests", use_case=use_cases.LIST_STANDINGS, slow=True, entries=(
    Entry("tests", t("Tests"), Group.BUILD, kinds=GROUPS, order=3, drawn=_TESTS),))  # fmt: skip
def tests_below(ask: Ask) -> Shown | Raw | Redirect:
    return _below(ask, "tests")


@shows("/nodes/{node:int}/findings", use_case=use_cases.LIST_STANDINGS, slow=True, entries=(
    Entry("findings", t("Findings"), Group.PROTECT, kinds=GROUPS, drawn=_FINDINGS),))  # fmt: skip
def findings_below(ask: Ask) -> Shown | Raw | Redirect:
    return _below(ask, "findings")


def _below(ask: Ask, part: str) -> Shown | Raw | Redirect:
    node, ancestors = find(ask, ask.numbers["node"])
    if node.kind is NodeKind.PROJECT:
        return Redirect(f"/projects/{node.id}/{part}")
    return _shown(ask, part, node, ancestors)


def _shown(ask: Ask, part: str, node: Node | None, ancestors: Sequence[Node]) -> Shown | Raw:
    listing = listing_of(ask, _BY_TESTS if part == "tests" else _BY_FINDINGS)
    words, state = fold(listing.chosen.get("q", "")), listing.chosen.get("state", "")
    every = list_standings(ask.actor, ask.tools.reports, node.id if node else None)
    named = [one for one in every if not words or words in fold(f"{one.project.path} {one.project.title}")]
    found = sorted((one for one in named if state in ("", _state(part, one))), key=lambda one: _rank(part, one))
    file = listing.file_of_all(ask, found)
    if file is not None:
        return file
    states = [_state(part, one) for one in named]
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "part": part,
        "title": t("Tests") if part == "tests" else t("Findings"),
        "listing": listing.with_all(found),
        "distribution": [(value, said, states.count(value)) for value, said in _SAID[part].items()],
        "command": api_command("/standings"),
    }
    return Shown("standings.html", values)


def _state(part: str, one: ReportStanding) -> str:
    if part == "tests":
        return (_BAD if one.bad else _GOOD) if one.total else _UNKNOWN
    if one.findings is None:
        return _UNKNOWN
    return _BAD if _open(one) else _GOOD


def _rank(part: str, one: ReportStanding) -> tuple[int, Sequence[float], str]:
    """The worse, the smaller; what is not known stands before what is good."""
    order = (_BAD, _UNKNOWN, _GOOD).index(_state(part, one))
    if part == "tests":
        return order, (-one.bad,), one.project.path
    counts = one.findings or {}
    worst = sorted(SEVERITIES, key=severity_rank)
    return order, tuple(-counts.get(Severity(level).value, 0) for level in worst), one.project.path


PART = (every_test, every_finding, tests_below, findings_below)
