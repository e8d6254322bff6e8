"""What the store keeps of reports: what was said, test runs with their cases, coverage, scans and findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from plumbline.model.report import ScanKind
    from plumbline.model.reported import (
        CaseName,
        CaseResult,
        CoverageKept,
        Decision,
        FileLines,
        FindingKept,
        FlakyCase,
        KeptFinding,
        Measure,
        Quarantine,
        ReportDetail,
        ScanKept,
        Sighting,
        StoredReport,
        TestRunKept,
        TestSet,
    )


class Reports(Protocol):
    """Reports with what is kept beside them, coverage and measures. Inside one transaction."""

    def add(self, report: StoredReport, detail: ReportDetail) -> StoredReport | None:
        """With its id. None where the same bytes of the same job, pipeline or commit are there as this kind."""
        ...

    def same(self, report: StoredReport) -> StoredReport | None:
        """That which :meth:`add` would find there."""
        ...

    def get(self, report: int) -> StoredReport | None: ...

    def brought(self, reports: Collection[int]) -> Sequence[StoredReport]:
        """Those of them that no job of ours left."""
        ...

    def detail(self, report: int) -> ReportDetail: ...

    def of_pipelines(self, pipelines: Collection[int]) -> Sequence[StoredReport]:
        """In the order they came."""
        ...

    def of_commit(self, project: int, commit: str) -> Sequence[StoredReport]: ...

    def newest(
        self, project: int, holds: str, limit: int, *, before: int = 0, trunk: bool = False
    ) -> Sequence[StoredReport]:
        """Those with a smaller id than ``before`` (0: all), the newest first. ``trunk``: of the default branch."""
        ...

    def of_digest(self, digest: str, limit: int) -> Sequence[StoredReport]: ...

    def put_coverage(self, coverage: CoverageKept, files: Sequence[FileLines]) -> None: ...

    def coverage(self, reports: Collection[int]) -> Sequence[CoverageKept]: ...

    def coverage_files(self, report: int) -> Sequence[FileLines]: ...

    def coverage_before(
        self, project: int, series: str, limit: int, *, before: int = 0, trunk: bool = False, ref: str = ""
    ) -> Sequence[CoverageKept]:
        """The newest first."""
        ...

    def add_measures(self, measures: Sequence[Measure]) -> None: ...

    def measures(self, reports: Collection[int]) -> Sequence[Measure]: ...

    def measured(self, project: int, name: str, limit: int) -> Sequence[Measure]:
        """The newest first."""
        ...

    def newest_coverage(self, projects: Collection[int]) -> Sequence[CoverageKept]:
        """Of each project those of the newest pipeline of its default branch that has any."""
        ...

    def over(self, project: int, created_before: int, limit: int) -> Sequence[int]:
        """Reports that came before then, the oldest first, with nothing that came later with them."""
        ...

    def remove(self, reports: Collection[int]) -> int:
        """With all that is kept of them; how many there were."""
        ...


class Tests(Protocol):
    """Cases, runs, results, flaky cases and quarantines. Inside one transaction."""

    def test_set(self, project: int, digest: bytes) -> int:
        """The id of a set that is there; 0: it is not."""
        ...

    def add_set(self, project: int, digest: bytes, cases: Sequence[CaseName], layers: bytes) -> int:
        """A set of cases, each of which gets its number where it has none yet; the id of the set."""
        ...

    def sets(self, sets: Collection[int]) -> Mapping[int, TestSet]: ...

    def names(self, cases: Collection[int]) -> Mapping[int, CaseName]: ...

    def case(self, project: int, case: int) -> CaseName | None: ...

    def find(self, project: int, text: str, limit: int) -> Sequence[CaseName]:
        """Cases with the text in their name, class or file."""
        ...

    def add_run(self, run: TestRunKept, results: Sequence[CaseResult]) -> None: ...

    def runs(self, reports: Collection[int]) -> Sequence[TestRunKept]: ...

    def runs_before(
        self, project: int, series: str, limit: int, *, before: int = 0, trunk: bool = False, ref: str = ""
    ) -> Sequence[TestRunKept]:
        """The newest first; ``series`` empty: of all."""
        ...

    def newest_of(self, projects: Collection[int]) -> Sequence[TestRunKept]:
        """Of each project the runs of the newest pipeline of its default branch that has any; without what their cases
        came to."""
        ...

    def unsteady(self, projects: Collection[int], now: int) -> Mapping[int, tuple[int, int]]:
        """How many cases were seen to be flaky in the last thirty days, and how many are in quarantine, by project."""
        ...

    def runs_on(self, project: int, commit: str) -> Sequence[TestRunKept]: ...

    def results(self, report: int) -> Mapping[int, CaseResult]:
        """By case: those that have words."""
        ...

    def results_of(self, case: int, limit: int) -> Sequence[CaseResult]:
        """The newest first."""
        ...

    def add_flaky(self, found: Sequence[FlakyCase]) -> Sequence[FlakyCase]:
        """Those that were not known yet."""
        ...

    def flaky(self, project: int, since: int) -> Sequence[FlakyCase]:
        """The newest first."""
        ...

    def add_quarantine(self, quarantine: Quarantine) -> Quarantine: ...

    def quarantine(self, quarantine: int) -> Quarantine | None: ...

    def quarantines(self, project: int, *, until_after: int = 0) -> Sequence[Quarantine]:
        """Those that end later than this and were not ended, the one that ends first before others."""
        ...

    def end_quarantine(self, quarantine: int, at: int, by: str) -> bool:
        """False where it was ended already."""
        ...


class KeptFindings(Protocol):
    """Scans, findings and decisions. Inside one transaction."""

    def add_scan(self, scan: ScanKept, sightings: Sequence[Sighting]) -> None: ...

    def scans(self, reports: Collection[int]) -> Sequence[ScanKept]: ...

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
        """The newest first."""
        ...

    def sightings(self, report: int) -> Sequence[Sighting]: ...

    def of_kind(self, project: int, kind: ScanKind, tool: str) -> Sequence[KeptFinding]:
        """Every finding of a tool."""
        ...

    def whole(self, findings: Collection[int]) -> Sequence[KeptFinding]: ...

    def over(self, project: int, now: int) -> Sequence[KeptFinding]:
        """Those whose exception has ended."""
        ...

    def add(self, findings: Sequence[KeptFinding]) -> Sequence[FindingKept]: ...

    def change(self, kept: KeptFinding) -> bool:
        """False where another version is there by now."""
        ...

    def seen(self, findings: Collection[int], report: int, at: int, ref: str) -> None:
        """A scan has them where they were."""
        ...

    def scanned(self, projects: Collection[int]) -> frozenset[int]:
        """Those of these projects of which there is a scan."""
        ...

    def newest_scans(self, project: int) -> Sequence[ScanKept]:
        """The newest scan of the default branch of each kind and tool."""
        ...

    def get(self, finding: int) -> FindingKept | None: ...

    def some(self, findings: Collection[int]) -> Mapping[int, FindingKept]: ...

    def of_project(self, project: int, *, states: Collection[str] = (), limit: int = 0) -> Sequence[FindingKept]:
        """The gravest first, then the newest. ``states`` empty: of all; ``limit`` 0: any number."""
        ...

    def count(self, projects: Collection[int]) -> Mapping[int, Mapping[tuple[str, str], int]]:
        """How many are in which state, of which severity, by project."""
        ...

    def add_decision(self, decision: Decision) -> Decision: ...

    def decision(self, decision: int) -> Decision | None: ...

    def decisions(self, findings: Collection[int]) -> Sequence[Decision]:
        """In the order they were made."""
        ...

    def approve(self, decision: int, at: int, by: str) -> bool: ...

    def end_decision(self, decision: int, at: int, by: str) -> bool: ...
