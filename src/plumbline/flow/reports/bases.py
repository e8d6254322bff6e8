"""What a run, a coverage or a scan is held against: of a merge request what its target had, else what was before."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from plumbline.flow.reports.subject import target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.reported import CoverageKept, ScanKept, TestRunKept
    from plumbline.model.server import StoredPipeline

    Kept = TestRunKept | CoverageKept | ScanKept
K = TypeVar("K", "TestRunKept", "CoverageKept", "ScanKept")
_LOOKED_AT = 10  # pipelines that may be under way yet


def base_run(tx: Transaction, pipeline: StoredPipeline | None, run: TestRunKept) -> TestRunKept | None:
    def before(ref: str, *, trunk: bool) -> Sequence[TestRunKept]:
        return tx.tests.runs_before(run.project, run.series, _LOOKED_AT, before=run.report, ref=ref, trunk=trunk)

    return _base(tx, pipeline, run, before)


def base_coverage(tx: Transaction, pipeline: StoredPipeline | None, one: CoverageKept) -> CoverageKept | None:
    def before(ref: str, *, trunk: bool) -> Sequence[CoverageKept]:
        return tx.reports.coverage_before(one.project, one.series, _LOOKED_AT, before=one.report, ref=ref, trunk=trunk)

    return _base(tx, pipeline, one, before)


def base_scan(tx: Transaction, pipeline: StoredPipeline | None, scan: ScanKept) -> ScanKept | None:
    def before(ref: str, *, trunk: bool) -> Sequence[ScanKept]:
        return tx.findings.scans_before(
            scan.project, scan.kind, scan.tool, _LOOKED_AT, before=scan.report, ref=ref, trunk=trunk
        )

    return _base(tx, pipeline, scan, before)


def _base(tx: Transaction, pipeline: StoredPipeline | None, one: K, before: Callable[..., Sequence[K]]) -> K | None:
    """Of a merge request the newest of the target branch; of a branch the one before it there, and where it is the
    first one the newest of the default branch. Of pipelines that came to their end."""
    target = target_of(pipeline) if pipeline is not None else ""
    looks = ((target, False),) if target else ((one.ref, False), ("", True))
    for ref, trunk in looks:
        if not ref and not trunk:
            continue
        for found in before(ref, trunk=trunk):
            if found.pipeline != one.pipeline and _finished(tx, found.pipeline):
                return found
    return None


def _finished(tx: Transaction, pipeline: int) -> bool:
    found = tx.pipelines.get(pipeline) if pipeline else None
    return found is None or bool(found.finished)
