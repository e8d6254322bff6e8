"""Test cases, their runs and results in a database. Implements the port ``Tests``."""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import bindparam, func, insert, or_, select, update

from plumbline.adapters.store import rows
from plumbline.adapters.store.packing import packed_numbers, unpacked_numbers
from plumbline.adapters.store.plain import ask, places
from plumbline.adapters.store.reports import chosen, in_parts, newest_pipelines
from plumbline.adapters.store.schema import reports as tables
from plumbline.kernel import legible
from plumbline.model.ready import ready
from plumbline.model.reported import CaseName, CaseResult, FlakyCase, Quarantine, TestRunKept, TestSet

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, Row, Select

_case, _set, _run = tables.test_case.c, tables.test_set.c, tables.test_run.c
_result, _flaky, _quarantine = tables.test_result.c, tables.flaky.c, tables.quarantine.c
_PACKED = ("outcomes", "times")
_NAMES = rows.query(CaseName, tables.test_case)
_RUNS = select(tables.test_run)
_RESULTS = rows.query(CaseResult, tables.test_result)
_FLAKY = rows.query(FlakyCase, tables.flaky)
_QUARANTINES = rows.query(Quarantine, tables.quarantine)
_SET = select(_set.id).where(_set.project == bindparam("project"), _set.digest == bindparam("digest"))
_AT_ONCE = 1000  # rows of six values each
_FLAKY_FOR = 30 * 86_400_000_000  # microseconds
_ADD = "insert into test_case (project, digest, file, class_name, name, parameters) values"
_FIND = "select digest, id from test_case where project = ? and digest in"
_NAME = "select id, file, class_name, name, parameters from test_case where id in"


class SqlTests:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def test_set(self, project: int, digest: bytes) -> int:
        return self._on.execute(_SET, {"project": project, "digest": digest}).scalar_one_or_none() or 0

    def add_set(self, project: int, digest: bytes, cases: Sequence[CaseName], layers: bytes) -> int:
        numbers = self._numbers(project, cases)
        row = {"project": project, "digest": digest, "cases": packed_numbers(numbers), "layers": zlib.compress(layers)}
        return int(self._on.execute(insert(tables.test_set).values(row).returning(_set.id)).scalar_one())

    def _numbers(self, project: int, cases: Sequence[CaseName]) -> list[int]:
        """The number of each, in their order; those that have none get one."""
        digests = [_digest(one) for one in cases]
        known = self._known(project, digests)
        new = [(digest, one) for digest, one in zip(digests, cases, strict=True) if digest not in known]
        for some in in_parts(new, _AT_ONCE):
            values: list[object] = []
            for digest, one in some:
                values += (project, digest, *map(legible, (one.file, one.class_name, one.name, one.parameters)))
            ask(self._on, f"{_ADD} {places(len(some), 6)} on conflict (project, digest) do nothing", values)
        known |= self._known(project, [digest for digest, _ in new])
        return [known[digest] for digest in digests]

    def _known(self, project: int, digests: Sequence[bytes]) -> dict[bytes, int]:
        found: dict[bytes, int] = {}
        for some in in_parts(digests, _AT_ONCE):
            wanted = f"{_FIND} {places(1, len(some))}"
            found |= {bytes(digest): number for digest, number in ask(self._on, wanted, (project, *some))}
        return found

    def sets(self, sets: Collection[int]) -> Mapping[int, TestSet]:
        found = self._on.execute(select(tables.test_set).where(_set.id.in_(sets))) if sets else ()
        return {
            row.id: TestSet(
                id=row.id,
                project=row.project,
                digest=bytes(row.digest),
                cases=unpacked_numbers(row.cases),
                layers=zlib.decompress(bytes(row.layers)),
            )
            for row in found
        }

    def names(self, cases: Collection[int]) -> Mapping[int, CaseName]:
        found: dict[int, CaseName] = {}
        for some in in_parts(sorted(set(cases)), _AT_ONCE):
            wanted = f"{_NAME} {places(1, len(some))}"
            for id_, file, class_name, name, parameters in ask(self._on, wanted, some):
                found[id_] = CaseName(id=id_, file=file, class_name=class_name, name=name, parameters=parameters)
        return found

    def case(self, project: int, case: int) -> CaseName | None:
        return rows.first(self._on, CaseName, _NAMES.where(_case.id == case, _case.project == project))

    def find(self, project: int, text: str, limit: int) -> Sequence[CaseName]:
        parts = [column.icontains(text, autoescape=True) for column in (_case.name, _case.class_name, _case.file)]
        found = _NAMES.where(_case.project == project, or_(*parts)).order_by(_case.name, _case.id).limit(limit)
        return rows.every(self._on, CaseName, found)

    def add_run(self, run: TestRunKept, results: Sequence[CaseResult]) -> None:
        row = rows.row_of(run, *_PACKED) | {name: zlib.compress(getattr(run, name), 1) for name in _PACKED}
        self._on.execute(insert(tables.test_run).values(row))
        for some in in_parts(results, _AT_ONCE):
            self._on.execute(insert(tables.test_result), [rows.row_of(one) for one in some])

    def runs(self, reports: Collection[int]) -> Sequence[TestRunKept]:
        return self._runs(_RUNS.where(_run.report.in_(reports)).order_by(_run.report)) if reports else []

    def runs_before(
        self, project: int, series: str, limit: int, *, before: int = 0, trunk: bool = False, ref: str = ""
    ) -> Sequence[TestRunKept]:
        found = chosen(_RUNS, _run, project, series, before, trunk=trunk, ref=ref)
        return self._runs(found.limit(limit))

    def newest_of(self, projects: Collection[int]) -> Sequence[TestRunKept]:
        columns = [column for column in tables.test_run.c if column.name not in _PACKED]
        wanted = select(*columns).where(_run.pipeline.in_(newest_pipelines(tables.test_run, projects)))
        found = self._on.execute(wanted.order_by(_run.report))
        return [
            msgspec.convert({str(name): value for name, value in row._asdict().items()}, ready(TestRunKept))
            for row in found
        ]

    def unsteady(self, projects: Collection[int], now: int) -> Mapping[int, tuple[int, int]]:
        found: dict[int, tuple[int, int]] = {}
        for some in in_parts(sorted(projects)):
            number = func.count(_flaky.case.distinct())
            flaky = select(_flaky.project, number).where(_flaky.project.in_(some), _flaky.created >= now - _FLAKY_FOR)
            found |= {project: (count, 0) for project, count in self._on.execute(flaky.group_by(_flaky.project))}
            held = select(_quarantine.project, func.count()).where(
                _quarantine.project.in_(some), _quarantine.until > now, _quarantine.ended == 0
            )
            for project, count in self._on.execute(held.group_by(_quarantine.project)):
                found[project] = (found.get(project, (0, 0))[0], count)
        return found

    def runs_on(self, project: int, commit: str) -> Sequence[TestRunKept]:
        found = _RUNS.where(_run.project == project, _run.commit == commit).order_by(_run.report)
        return self._runs(found)

    def _runs(self, query: Select[Any]) -> list[TestRunKept]:
        return [_run_of(row) for row in self._on.execute(query)]

    def results(self, report: int) -> Mapping[int, CaseResult]:
        found = rows.every(self._on, CaseResult, _RESULTS.where(_result.report == report))
        return {one.case: one for one in found}

    def results_of(self, case: int, limit: int) -> Sequence[CaseResult]:
        found = _RESULTS.where(_result.case == case).order_by(_result.report.desc()).limit(limit)
        return rows.every(self._on, CaseResult, found)

    def add_flaky(self, found: Sequence[FlakyCase]) -> Sequence[FlakyCase]:
        new = []
        for one in found:
            values = (one.case, one.commit, one.series, one.project, one.created)
            statement = (
                'insert into test_flaky ("case", "commit", series, project, created) values (?, ?, ?, ?, ?) '
                'on conflict do nothing returning "case"'
            )
            if ask(self._on, statement, values):
                new.append(one)
        return new

    def flaky(self, project: int, since: int) -> Sequence[FlakyCase]:
        found = _FLAKY.where(_flaky.project == project, _flaky.created >= since)
        return rows.every(self._on, FlakyCase, found.order_by(_flaky.created.desc(), _flaky.case))

    def add_quarantine(self, quarantine: Quarantine) -> Quarantine:
        return rows.add(self._on, tables.quarantine, quarantine)

    def quarantine(self, quarantine: int) -> Quarantine | None:
        return rows.first(self._on, Quarantine, _QUARANTINES.where(_quarantine.id == quarantine))

    def quarantines(self, project: int, *, until_after: int = 0) -> Sequence[Quarantine]:
        found = _QUARANTINES.where(
            _quarantine.project == project, _quarantine.until > until_after, _quarantine.ended == 0
        )
        return rows.every(self._on, Quarantine, found.order_by(_quarantine.until, _quarantine.id))

    def end_quarantine(self, quarantine: int, at: int, by: str) -> bool:
        here = (_quarantine.id == quarantine, _quarantine.ended == 0)
        ended = update(tables.quarantine).where(*here).values(ended=at, ended_by=legible(by))
        return self._on.execute(ended).rowcount == 1


def _digest(case: CaseName) -> bytes:
    """Of its identity; as many bytes as nobody can make two of."""
    parts = (case.file, case.class_name, case.name, case.parameters)
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).digest()[:20]


def _run_of(row: Row[Any]) -> TestRunKept:
    values: dict[str, Any] = {str(name): value for name, value in row._asdict().items()}
    values |= {name: zlib.decompress(bytes(values[name])) for name in _PACKED}
    return msgspec.convert(values, ready(TestRunKept), builtin_types=(bytes,))
