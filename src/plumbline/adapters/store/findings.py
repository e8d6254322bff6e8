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
from plumbline.model.reported import Decision, FindingKept, ScanKept, Sighting

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

    def of_kind(self, project: int, kind: ScanKind, tool: str) -> Sequence[tuple[FindingKept, bytes]]:
        found = select(tables.finding).where(
            _finding.project == project, _finding.kind == kind.value, _finding.tool == legible(tool)
        )
        return [_with_known(row) for row in self._on.execute(found.order_by(_finding.id))]

    def add(self, findings: Sequence[tuple[FindingKept, bytes]]) -> Sequence[FindingKept]:
        made: list[FindingKept] = []
        for some in in_parts(findings, _AT_ONCE):
            values = [rows.row_of(one) | {"known": known} for one, known in some]
            statement = insert(tables.finding).returning(_finding.id, sort_by_parameter_order=True)
            numbers = self._on.execute(statement, values).scalars().all()
            made += [msgspec.structs.replace(one, id=id_) for (one, _), id_ in zip(some, numbers, strict=True)]
        return made

    def change(self, finding: FindingKept, known: bytes | None = None) -> bool:
        row = rows.row_of(msgspec.structs.replace(finding, version=finding.version + 1), "id", "project")
        row |= {} if known is None else {"known": known}
        same = update(tables.finding).where(_finding.id == finding.id, _finding.version == finding.version)
        return self._on.execute(same.values(row)).rowcount == 1

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

    def due_decisions(self, project: int, now: int) -> Sequence[Decision]:
        joined = _DECISIONS.join(tables.finding, _finding.id == _decision.finding)
        due = joined.where(_decision.until.between(1, now), _decision.ended == 0, _finding.project == project)
        return rows.every(self._on, Decision, due.order_by(_decision.id))


def _with_known(row: Row[Any]) -> tuple[FindingKept, bytes]:
    names = FindingKept.__struct_fields__
    [finding] = rows.structs(FindingKept, names, [[getattr(row, name) for name in names]])
    return finding, bytes(row.known)
