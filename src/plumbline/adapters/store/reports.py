"""Reports, coverage and measures in a database. Implements the port ``Reports``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from plumbline.adapters.store import rows
from plumbline.adapters.store.packing import from_steps, packed, steps, unpacked
from plumbline.adapters.store.schema import reports as tables
from plumbline.model.reported import CoverageKept, FileLines, Measure, Origin, ReportDetail, StoredReport

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy import Connection, Select, Table

_report, _coverage, _measure = tables.report.c, tables.coverage.c, tables.measure.c
_ALL = rows.query(StoredReport, tables.report)
_GET = _ALL.where(_report.id == bindparam("id"))
_COVERAGE = rows.query(CoverageKept, tables.coverage)
_MEASURES = rows.query(Measure, tables.measure)
_AT_ONCE = 500
_File = tuple[str, list[int], list[int], int, int, list[int]]


class SqlReports:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def add(self, report: StoredReport, detail: ReportDetail) -> StoredReport | None:
        if self.same(report) is not None:
            return None
        row = rows.row_of(report) | {"detail": packed(detail)}
        try:
            with self._on.begin_nested():
                given = self._on.execute(insert(tables.report).values(row).returning(_report.id)).scalar_one()
        except IntegrityError:
            if self.same(report) is None:
                raise
            return None
        return msgspec.structs.replace(report, id=given)

    def same(self, report: StoredReport) -> StoredReport | None:
        return rows.first(
            self._on,
            StoredReport,
            _ALL.where(
                _report.project == report.project,
                _report.pipeline == report.pipeline,
                _report.job == report.job,
                _report.commit == report.commit,
                _report.kind == report.kind,
                _report.digest == report.digest,
            ),
        )

    def get(self, report: int) -> StoredReport | None:
        return rows.first(self._on, StoredReport, _GET, id=report)

    def brought(self, reports: Collection[int]) -> Sequence[StoredReport]:
        found: list[StoredReport] = []
        for some in in_parts(sorted(reports)):
            others = _ALL.where(_report.id.in_(some), _report.origin != Origin.JOB.value)
            found += rows.every(self._on, StoredReport, others)
        return found

    def detail(self, report: int) -> ReportDetail:
        found = self._on.execute(select(_report.detail).where(_report.id == report)).scalar_one_or_none()
        return unpacked(found, ReportDetail) if found else ReportDetail()

    def of_pipelines(self, pipelines: Collection[int]) -> Sequence[StoredReport]:
        found = _ALL.where(_report.pipeline.in_(pipelines), _report.pipeline > 0).order_by(_report.id)
        return rows.every(self._on, StoredReport, found) if pipelines else []

    def of_commit(self, project: int, commit: str) -> Sequence[StoredReport]:
        found = _ALL.where(_report.project == project, _report.commit == commit).order_by(_report.id)
        return rows.every(self._on, StoredReport, found)

    def newest(
        self, project: int, holds: str, limit: int, *, before: int = 0, trunk: bool = False
    ) -> Sequence[StoredReport]:
        found = _ALL.where(_report.project == project, _report.holds == holds)
        found = found.where(_report.id < before) if before else found
        found = found.where(_report.trunk) if trunk else found
        return rows.every(self._on, StoredReport, found.order_by(_report.id.desc()).limit(limit))

    def of_digest(self, digest: str, limit: int) -> Sequence[StoredReport]:
        found = _ALL.where(_report.digest == digest).order_by(_report.id.desc()).limit(limit)
        return rows.every(self._on, StoredReport, found)

    def put_coverage(self, coverage: CoverageKept, files: Sequence[FileLines]) -> None:
        kept = [
            (one.path, steps(one.hit), steps(one.missed), one.branches_hit, one.branches, steps(one.changed))
            for one in files
        ]
        self._on.execute(insert(tables.coverage).values(rows.row_of(coverage) | {"files": packed(kept)}))

    def coverage(self, reports: Collection[int]) -> Sequence[CoverageKept]:
        found = _COVERAGE.where(_coverage.report.in_(reports)).order_by(_coverage.report)
        return rows.every(self._on, CoverageKept, found) if reports else []

    def coverage_files(self, report: int) -> Sequence[FileLines]:
        found = self._on.execute(select(_coverage.files).where(_coverage.report == report)).scalar_one_or_none()
        if found is None:
            return []
        return [
            FileLines(path, from_steps(hit), from_steps(missed), branches_hit, branches, from_steps(changed))
            for path, hit, missed, branches_hit, branches, changed in unpacked(found, list[_File])
        ]

    def coverage_before(
        self, project: int, series: str, limit: int, *, before: int = 0, trunk: bool = False, ref: str = ""
    ) -> Sequence[CoverageKept]:
        found = chosen(_COVERAGE, tables.coverage.c, project, series, before, trunk=trunk, ref=ref)
        return rows.every(self._on, CoverageKept, found.limit(limit))

    def add_measures(self, measures: Sequence[Measure]) -> None:
        if measures:
            self._on.execute(insert(tables.measure), [rows.row_of(one) for one in measures])

    def measures(self, reports: Collection[int]) -> Sequence[Measure]:
        found = _MEASURES.where(_measure.report.in_(reports)).order_by(_measure.report, _measure.name)
        return rows.every(self._on, Measure, found) if reports else []

    def measured(self, project: int, name: str, limit: int) -> Sequence[Measure]:
        found = _MEASURES.where(_measure.project == project, _measure.name == name)
        return rows.every(self._on, Measure, found.order_by(_measure.report.desc()).limit(limit))

    def newest_coverage(self, projects: Collection[int]) -> Sequence[CoverageKept]:
        newest = newest_pipelines(tables.coverage, projects)
        return rows.every(
            self._on, CoverageKept, _COVERAGE.where(_coverage.pipeline.in_(newest)).order_by(_coverage.report)
        )

    def over(self, project: int, created_before: int, limit: int) -> Sequence[int]:
        found = select(_report.id).where(_report.project == project, _report.created < created_before)
        return self._on.execute(found.order_by(_report.created, _report.id).limit(limit)).scalars().all()

    def remove(self, reports: Collection[int]) -> int:
        gone = 0
        for some in in_parts(sorted(reports)):
            gone += self._on.execute(delete(tables.report).where(_report.id.in_(some))).rowcount
        return gone


def chosen(
    query: Select[Any], columns: Any, project: int, series: str, before: int, *, trunk: bool, ref: str
) -> Select[Any]:
    """Rows of one series, the newest first."""
    found = query.where(columns.project == project)
    found = found.where(columns.series == series) if series else found
    found = found.where(columns.report < before) if before else found
    found = found.where(columns.ref == ref) if ref else found
    found = found.where(columns.trunk) if trunk else found
    return found.order_by(columns.report.desc())


def newest_pipelines(table: Table, projects: Collection[int]) -> Select[Any]:
    """Of each project the newest pipeline of its default branch that has rows in a table."""
    columns = table.c
    there = (columns.project.in_(projects), columns.trunk, columns.pipeline > 0)
    newest = select(func.max(columns.report)).where(*there).group_by(columns.project)
    return select(columns.pipeline).where(columns.report.in_(newest))


def in_parts(values: Sequence[Any], size: int = _AT_ONCE) -> Iterator[Sequence[Any]]:
    """As many as one statement takes."""
    for at in range(0, len(values), size):
        yield values[at : at + size]
