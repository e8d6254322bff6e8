"""Scans, findings and what was decided about them, in a database. Implements the port ``KeptFindings``."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import case, func, insert, select, update

from plumbline.adapters.store import rows
from plumbline.adapters.store.packing import packed, unpacked
from plumbline.adapters.store.reports import chosen, in_parts
from plumbline.adapters.store.schema import reports as tables
from plumbline.kernel import legible
from plumbline.model.report import ScanKind, Severity
from plumbline.model.reported import Decision, FindingKept, KeptFinding, ScanKept, Sighting

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, Row

_scan, _finding, _decision = tables.scan.c, tables.finding.c, tables.decision.c
_SCANS = rows.query(ScanKept, tables.scan)
_FINDINGS = rows.query(FindingKept, tables.finding)
_DECISIONS = rows.query(Decision, tables.decision)
_GRAVITY = case({severity.value: at for at, severity in enumerate(Severity)}, value=_finding.severity, else_=9)
_AT_ONCE = 500


class SqlFindings:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def add_scan(self, scan: ScanKept, sightings: Sequence[Sighting]) -> None:
        row = rows.row_of(scan) | {"sightings": packed([tuple(one) for one in sightings])}
        self._on.execute(insert(tables.scan).values(row))

    def scans(self, reports: Collection[int]) -> Sequence[ScanKept]:
        found = _SCANS.where(_scan.report.in_(reports)).order_by(_scan.report)
        return rows.every(self._on, ScanKept, found) if reports else []

    def scans_before(
        self,
        project: int,
        kind: ScanKind,
        tool: str,
        limit: int,
        *,
        before: int = 0,
        ref: str = "",
        trunk: bool = False,
    ) -> Sequence[ScanKept]:
        found = chosen(_SCANS, _scan, project, "", before, trunk=trunk, ref=ref)
        found = found.where(_scan.kind == kind.value, _scan.tool == legible(tool)).limit(limit)
        return rows.every(self._on, ScanKept, found)

    def sightings(self, report: int) -> Sequence[Sighting]:
        found = self._on.execute(select(_scan.sightings).where(_scan.report == report)).scalar_one_or_none()
        if found is None:
            return []
        return [Sighting(*one) for one in unpacked(found, list[tuple[int, str, int, bool]])]

    def of_kind(self, project: int, kind: ScanKind, tool: str) -> Sequence[KeptFinding]:
        found = select(tables.finding).where(
            _finding.project == project, _finding.kind == kind.value, _finding.tool == legible(tool)
        )
        return [_whole(row) for row in self._on.execute(found.order_by(_finding.id))]

    def whole(self, findings: Collection[int]) -> Sequence[KeptFinding]:
        found: list[KeptFinding] = []
        for some in in_parts(sorted(findings), _AT_ONCE):
            wanted = select(tables.finding).where(_finding.id.in_(some)).order_by(_finding.id)
            found += [_whole(row) for row in self._on.execute(wanted)]
        return found

    def over(self, project: int, now: int) -> Sequence[KeptFinding]:
        found = select(tables.finding).where(_finding.project == project, _finding.until.between(1, now))
        return [_whole(row) for row in self._on.execute(found.order_by(_finding.id))]

    def add(self, findings: Sequence[KeptFinding]) -> Sequence[FindingKept]:
        made: list[FindingKept] = []
        for some in in_parts(findings, _AT_ONCE):
            values = [rows.row_of(one.finding) | {"known": one.known, "standing": one.standing} for one in some]
            statement = insert(tables.finding).returning(_finding.id, sort_by_parameter_order=True)
            numbers = self._on.execute(statement, values).scalars().all()
            made += [msgspec.structs.replace(one.finding, id=id_) for one, id_ in zip(some, numbers, strict=True)]
        return made

    def change(self, kept: KeptFinding) -> bool:
        finding = kept.finding
        row = rows.row_of(msgspec.structs.replace(finding, version=finding.version + 1), "id", "project")
        row |= {"known": kept.known, "standing": kept.standing}
        same = update(tables.finding).where(_finding.id == finding.id, _finding.version == finding.version)
        return self._on.execute(same.values(row)).rowcount == 1

    def seen(self, findings: Collection[int], report: int, at: int, ref: str) -> None:
        for some in in_parts(sorted(findings), _AT_ONCE):
            again = update(tables.finding).where(_finding.id.in_(some))
            self._on.execute(again.values(last=at, last_report=report, ref=legible(ref)))

    def scanned(self, projects: Collection[int]) -> frozenset[int]:
        found: set[int] = set()
        for some in in_parts(sorted(projects), _AT_ONCE):
            found.update(self._on.execute(select(_scan.project).where(_scan.project.in_(some)).distinct()).scalars())
        return frozenset(found)

    def newest_scans(self, project: int) -> Sequence[ScanKept]:
        newest = select(func.max(_scan.report)).where(_scan.project == project, _scan.trunk)
        found = _SCANS.where(_scan.report.in_(newest.group_by(_scan.kind, _scan.tool))).order_by(_scan.report)
        return rows.every(self._on, ScanKept, found)

    def get(self, finding: int) -> FindingKept | None:
        return rows.first(self._on, FindingKept, _FINDINGS.where(_finding.id == finding))

    def some(self, findings: Collection[int]) -> Mapping[int, FindingKept]:
        found: dict[int, FindingKept] = {}
        for some in in_parts(sorted(findings), _AT_ONCE):
            chosen_ones = rows.every(self._on, FindingKept, _FINDINGS.where(_finding.id.in_(some)))
            found |= {one.id: one for one in chosen_ones}
        return found

    def of_project(self, project: int, *, states: Collection[str] = (), limit: int = 0) -> Sequence[FindingKept]:
        found = _FINDINGS.where(_finding.project == project)
        found = found.where(_finding.state.in_(states)) if states else found
        found = found.order_by(_GRAVITY, _finding.id.desc())
        return rows.every(self._on, FindingKept, found.limit(limit) if limit else found)

    def count(self, projects: Collection[int]) -> Mapping[int, Mapping[tuple[str, str], int]]:
        columns = (_finding.project, _finding.state, _finding.severity)
        counted: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
        for some in in_parts(sorted(projects), _AT_ONCE):
            found = select(*columns, func.count()).where(_finding.project.in_(some)).group_by(*columns)
            for project, state, severity, number in self._on.execute(found):
                counted[project][str(state), str(severity)] = number
        return counted

    def add_decision(self, decision: Decision) -> Decision:
        return rows.add(self._on, tables.decision, decision)

    def decision(self, decision: int) -> Decision | None:
        return rows.first(self._on, Decision, _DECISIONS.where(_decision.id == decision))

    def decisions(self, findings: Collection[int]) -> Sequence[Decision]:
        found: list[Decision] = []
        for some in in_parts(sorted(findings), _AT_ONCE):
            wanted = _DECISIONS.where(_decision.finding.in_(some)).order_by(_decision.id)
            found += rows.every(self._on, Decision, wanted)
        return found

    def approve(self, decision: int, at: int, by: str) -> bool:
        open_one = (_decision.id == decision, _decision.approved == 0, _decision.ended == 0)
        approved = update(tables.decision).where(*open_one).values(approved=at, approver=legible(by))
        return self._on.execute(approved).rowcount == 1

    def end_decision(self, decision: int, at: int, by: str) -> bool:
        here = (_decision.id == decision, _decision.ended == 0)
        ended = update(tables.decision).where(*here).values(ended=at, ended_by=legible(by))
        return self._on.execute(ended).rowcount == 1


def _whole(row: Row[Any]) -> KeptFinding:
    names = FindingKept.__struct_fields__
    [finding] = rows.structs(FindingKept, names, [[getattr(row, name) for name in names]])
    return KeptFinding(finding, bytes(row.known), bytes(row.standing))
