"""What is recorded of an artifact that decides on its stages, read in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.artifacts.stages import Record, ScanTotals, TestTotals
from plumbline.evidence import filed_under, read_sender
from plumbline.evidence.origin import is_own
from plumbline.evidence.vocabulary import cdevents_core as core
from plumbline.evidence.vocabulary import own_delivery as own
from plumbline.model.reported import Origin
from plumbline.model.tree import is_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.artifact import Artifact
    from plumbline.model.event import Entry
    from plumbline.model.ports.transaction import Transaction

_BUILT = (core.ArtifactPackaged.TYPE, core.ArtifactPublished.TYPE)
DECIDING = frozenset({*_BUILT, own.ReleaseApproved.TYPE, own.ReleaseReleased.TYPE})  # types of entries


def record_of(tx: Transaction, artifact: Artifact, entries: Sequence[Entry]) -> Record:
    """``entries``: those of the ledger that name its digest, of those types at least. Only this server's own
    word says that a job built it; that it is accepted or released say sources of its project, or above it, as well."""
    origin = artifact.origin
    pipeline = tx.pipelines.get(origin.pipeline) if origin.pipeline else None
    reports = tx.reports.of_pipelines([pipeline.id]) if pipeline is not None else ()
    node = next(iter(tx.tree.ancestors(artifact.project)), None)
    told = [one for one in entries if node is not None and _speaks_for(one, node.path)]
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
        accepted=tuple(one.seq for one in told if one.type == own.ReleaseApproved.TYPE),
        released=tuple(one.seq for one in told if one.type == own.ReleaseReleased.TYPE),
    )


def _speaks_for(entry: Entry, project: str) -> bool:
    """This server, or a registered source whose entry is filed under the project or a node above it."""
    if is_own(entry.source):
        return True
    scope = filed_under(entry.body, entry.sender).scope
    return bool(read_sender(entry.sender).source and scope) and is_within(project, scope)
