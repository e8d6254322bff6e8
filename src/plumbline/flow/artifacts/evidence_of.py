"""What is recorded of an artifact that decides on its stages, read in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.artifacts.stages import Record, ScanTotals, TestTotals
from plumbline.evidence.vocabulary import cdevents_core as core
from plumbline.evidence.vocabulary import own_delivery as own
from plumbline.model.reported import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.artifact import Artifact
    from plumbline.model.event import Entry
    from plumbline.model.ports.transaction import Transaction

_BUILT = (core.ArtifactPackaged.TYPE, core.ArtifactPublished.TYPE)
DECIDING = frozenset({*_BUILT, own.ReleaseApproved.TYPE, own.ReleaseReleased.TYPE})  # types of entries


def record_of(tx: Transaction, artifact: Artifact, entries: Sequence[Entry]) -> Record:
    """``entries``: those of the ledger that name its digest, of those types at least. Only this server's own
    word says that a job built it."""
    origin = artifact.origin
    pipeline = tx.pipelines.get(origin.pipeline) if origin.pipeline else None
    reports = tx.reports.of_pipelines([pipeline.id]) if pipeline is not None else ()
    believed = [one.id for one in reports if one.origin is Origin.JOB and not one.flagged and not one.problem]
    return Record(
        job=origin.job if pipeline is not None else 0,
        built=tuple(one.seq for one in entries if one.type in _BUILT and not one.sender),
        over=pipeline is not None and bool(pipeline.finished),
        tests=tuple(
            TestTotals(report=run.report, passed=run.passed, failed=run.failed + run.errors)
            for run in tx.tests.runs(believed)
        ),
        scans=tuple(
            ScanTotals(report=scan.report, scope=scan.scope, ended=scan.ended) for scan in tx.findings.scans(believed)
        ),
        accepted=tuple(one.seq for one in entries if one.type == own.ReleaseApproved.TYPE),
        released=tuple(one.seq for one in entries if one.type == own.ReleaseReleased.TYPE),
    )
