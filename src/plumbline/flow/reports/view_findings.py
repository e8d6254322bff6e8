"""See what scans found, at a project or below a node, and the story of one finding.

All raise PlumblineError ``not-found`` or ``not-allowed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.access import use_cases
from plumbline.flow.pipelines.look_up import pipeline_for
from plumbline.flow.reports.newest import newest_reports
from plumbline.kernel import t
from plumbline.model.report import ScanKind, Severity
from plumbline.model.reported import FindingState
from plumbline.model.tree import NodeKind, in_use, is_within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.access import Actor
    from plumbline.flow.reports.tools import ReportTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.reported import Decision, FindingKept, ScanKept, Sighting, StoredReport
    from plumbline.model.server import StoredPipeline
    from plumbline.model.tree import Node

LOOKED_AT = 50  # scans in which a finding is looked for
OPEN = (FindingState.OPEN, FindingState.UNSEEN)


class FindingFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which findings are shown; what is left out chooses all. ``trunk``: those of the default branch alone."""

    states: tuple[FindingState, ...] = OPEN
    severities: tuple[Severity, ...] = ()
    kinds: tuple[ScanKind, ...] = ()
    tool: str = ""
    words: str = ""
    trunk: bool = False
    offset: int = 0
    limit: int = 100


OPEN_ONES = FindingFilter()


class FindingSeen(NamedTuple):
    """``decision``: the newest one that was not ended, be it in force or waiting for a second person."""

    project: Node
    finding: FindingKept
    decision: Decision | None


class FindingsSeen(NamedTuple):
    """``findings``: the gravest first, one part of them; ``found``: how many there are. ``scanned``: the projects of
    which there is a scan at all: of the others there is no data."""

    findings: Sequence[FindingSeen]
    found: int
    scanned: frozenset[int]
    counts: Mapping[int, Mapping[tuple[str, str], int]]


class ScanSeen(NamedTuple):
    report: StoredReport | None  # None: its time is over
    scan: ScanKept


class SightingSeen(NamedTuple):
    scan: ScanKept
    sighting: Sighting


class FindingStory(NamedTuple):
    """``sightings``: the newest first. ``decisions``: in the order they were made."""

    project: Node
    finding: FindingKept
    decisions: Sequence[Decision]
    sightings: Sequence[SightingSeen]


class PipelineFindings(NamedTuple):
    """``findings``: with their sighting, which says whether it was new against the base."""

    project: Node
    pipeline: StoredPipeline
    scans: Sequence[ScanSeen]
    findings: Sequence[tuple[FindingSeen, Sighting, ScanKept]]


def view_findings(
    actor: Actor, tools: ReportTools, node: int | None = None, chosen: FindingFilter = OPEN_ONES
) -> FindingsSeen:
    """Of a project, of all below a node, or everywhere."""
    with tools.units.view(actor) as unit:
        projects = {one.id: one for one in _projects(unit, node)}
        found = [
            (project, one)
            for project in projects
            for one in unit.tx.findings.of_project(project, states=[state.value for state in _asked(chosen)])
        ]
        standing = ((project, _now(one, unit.now)) for project, one in found)
        fitting = [(project, one) for project, one in standing if _fits(one, chosen)]
        order = {severity: at for at, severity in enumerate(Severity)}
        fitting.sort(key=lambda pair: (order[pair[1].severity], -pair[1].id))
        shown = fitting[chosen.offset : chosen.offset + chosen.limit]
        decisions = _decisions(unit, [one.id for _, one in shown])
        return FindingsSeen(
            [FindingSeen(projects[project], one, decisions.get(one.id)) for project, one in shown],
            len(fitting),
            unit.tx.findings.scanned(projects),
            unit.tx.findings.count(projects),
        )


def view_scans(actor: Actor, tools: ReportTools, project: int) -> Sequence[ScanSeen]:
    """The newest scan of the default branch of each kind and tool."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.VIEW_FINDINGS, project)
        return [ScanSeen(unit.tx.reports.get(one.report), one) for one in unit.tx.findings.newest_scans(project)]


def view_finding(actor: Actor, tools: ReportTools, finding: int) -> FindingStory:
    with tools.units.view(actor) as unit:
        found = unit.tx.findings.get(finding)
        missing = t("There is no finding {finding}.", finding=finding)
        ancestors = unit.require(use_cases.VIEW_FINDINGS, found.project if found else None, missing)
        assert found is not None
        scans = unit.tx.findings.scans_before(found.project, found.kind, found.tool, LOOKED_AT)
        sightings = [
            SightingSeen(scan, one)
            for scan in scans
            for one in unit.tx.findings.sightings(scan.report)
            if one.finding == finding
        ]
        decisions = unit.tx.findings.decisions([finding])
        return FindingStory(ancestors[0], _now(found, unit.now), decisions, sightings)


def view_pipeline_findings(actor: Actor, tools: ReportTools, pipeline: int) -> PipelineFindings:
    """What the scans of a pipeline found, new ones first."""
    with tools.units.view(actor) as unit:
        found = pipeline_for(unit, use_cases.VIEW_FINDINGS, pipeline)
        reports = {one.id: one for one in newest_reports(unit.tx, found)}
        scans = unit.tx.findings.scans(reports)
        seen = [(scan, one) for scan in scans for one in unit.tx.findings.sightings(scan.report)]
        findings = unit.tx.findings.some({one.finding for _, one in seen})
        decisions = _decisions(unit, list(findings))
        node = unit.tx.tree.ancestors(found.project)[0]
        order = {severity: at for at, severity in enumerate(Severity)}
        rows = [
            (FindingSeen(node, _now(findings[one.finding], unit.now), decisions.get(one.finding)), one, scan)
            for scan, one in seen
            if one.finding in findings
        ]
        rows.sort(key=lambda row: (not row[1].new, order[row[0].finding.severity], row[0].finding.id))
        return PipelineFindings(node, found, [ScanSeen(reports[one.report], one) for one in scans], rows)


def _projects(unit: UnitOfWork, node: int | None) -> list[Node]:
    within = "" if not node else unit.require(use_cases.LIST_FINDINGS, node)[0].path
    return [
        one
        for one in in_use(unit.nodes(use_cases.LIST_FINDINGS), unit.tx.tree.all())
        if one.kind is NodeKind.PROJECT and (not within or is_within(one.path, within))
    ]


def _asked(chosen: FindingFilter) -> tuple[FindingState, ...]:
    """An acceptance may have ended since it was written down."""
    wanted = chosen.states
    return (*wanted, FindingState.ACCEPTED) if FindingState.OPEN in wanted else wanted


def _now(finding: FindingKept, now: int) -> FindingKept:
    """One whose acceptance has ended is open, whether the clock came by already or not."""
    if finding.state is FindingState.ACCEPTED and finding.until and finding.until <= now:
        return msgspec.structs.replace(finding, state=FindingState.OPEN)
    return finding


def _fits(one: FindingKept, chosen: FindingFilter) -> bool:
    if chosen.states and one.state not in chosen.states:
        return False
    if chosen.severities and one.severity not in chosen.severities:
        return False
    if (chosen.kinds and one.kind not in chosen.kinds) or (chosen.tool and one.tool != chosen.tool):
        return False
    if chosen.trunk and not one.trunk:
        return False
    words = chosen.words.strip().casefold()
    said = (one.title, one.rule, one.message, one.path, one.package, one.object, *one.identifiers)
    return not words or any(words in each.casefold() for each in said)


def _decisions(unit: UnitOfWork, findings: Sequence[int]) -> dict[int, Decision]:
    return {one.finding: one for one in unit.tx.findings.decisions(findings) if not one.ended}
