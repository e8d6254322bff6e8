"""How projects stand by their reports: one row each, from the newest reports of their default branches."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.reports.seen_coverage import percent
from plumbline.model.tree import INSTANCE, NodeKind, in_use, is_within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.access import Actor
    from plumbline.flow.reports.tools import ReportTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.reported import CoverageKept, TestRunKept
    from plumbline.model.tree import Node


class ReportStanding(NamedTuple):
    """``pipeline``: whose tests are shown; 0: no tests were ever reported, and then all numbers of tests are 0 and say
    nothing. ``lines``: 0: no coverage was reported. ``findings``: open ones by severity; None: nothing was ever
    scanned."""

    project: Node
    pipeline: int
    total: int
    bad: int
    skipped: int
    time: int
    flaky: int
    quarantined: int
    lines: int
    lines_hit: int
    changed: int
    changed_hit: int
    findings: Mapping[str, int] | None

    @property
    def coverage(self) -> float | None:
        return percent(self.lines_hit, self.lines)


def list_standings(actor: Actor, tools: ReportTools, node: int | None = None) -> Sequence[ReportStanding]:
    """Every project that is not archived, by path; below a node, or everywhere. Raises PlumblineError ``not-found``,
    ``not-allowed``."""
    with tools.units.view(actor) as unit:
        projects = _projects(unit, node)
        ids = [one.id for one in projects]
        runs, coverage = _by_project(unit.tx.tests.newest_of(ids)), _covered(unit.tx.reports.newest_coverage(ids))
        unsteady = unit.tx.tests.unsteady(ids, unit.now)
        scanned = unit.tx.findings.scanned(ids)
        findings = unit.tx.findings.count(ids)
        return [
            _standing(
                one,
                runs.get(one.id, ()),
                coverage.get(one.id, ()),
                unsteady.get(one.id, (0, 0)),
                _open(findings.get(one.id, {})) if one.id in scanned else None,
            )
            for one in projects
        ]


def _projects(unit: UnitOfWork, node: int | None) -> list[Node]:
    """Those that the actor may see and that are not archived."""
    ancestors = unit.require(use_cases.LIST_STANDINGS, node or INSTANCE)
    within = ancestors[0].path if ancestors else ""
    return [
        one
        for one in in_use(unit.nodes(use_cases.LIST_STANDINGS), unit.tx.tree.all())
        if one.kind is NodeKind.PROJECT and (not within or is_within(one.path, within))
    ]


def _standing(
    project: Node,
    runs: Sequence[TestRunKept],
    coverage: Sequence[CoverageKept],
    unsteady: tuple[int, int],
    findings: Mapping[str, int] | None,
) -> ReportStanding:
    return ReportStanding(
        project,
        runs[0].pipeline if runs else 0,
        sum(one.total for one in runs),
        sum(one.bad for one in runs),
        sum(one.skipped for one in runs),
        max([0, *(one.created for one in runs), *(one.created for one in coverage)]),
        *unsteady,
        sum(one.lines for one in coverage),
        sum(one.lines_hit for one in coverage),
        sum(max(0, one.changed) for one in coverage),
        sum(max(0, one.changed_hit) for one in coverage),
        findings,
    )


def _by_project(runs: Sequence[TestRunKept]) -> Mapping[int, list[TestRunKept]]:
    found: dict[int, list[TestRunKept]] = {}
    for one in runs:
        found.setdefault(one.project, []).append(one)
    return found


def _covered(reports: Sequence[CoverageKept]) -> Mapping[int, list[CoverageKept]]:
    found: dict[int, list[CoverageKept]] = {}
    for one in reports:
        found.setdefault(one.project, []).append(one)
    return found


def _open(counted: Mapping[tuple[str, str], int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for (state, severity), number in counted.items():
        if state in ("open", "unseen"):
            found[severity] = found.get(severity, 0) + number
    return found
