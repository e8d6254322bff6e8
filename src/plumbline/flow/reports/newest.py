"""The reports of a pipeline that stand for it: those of the newest attempt at each job, and those that were brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.reported import StoredReport
    from plumbline.model.server import StoredPipeline


def newest_reports(tx: Transaction, pipeline: StoredPipeline) -> list[StoredReport]:
    """In the order they came."""
    newest = {job.name: job.id for job in tx.jobs.of(pipeline.id)}
    stands = frozenset(newest.values())
    return [one for one in tx.reports.of_pipelines([pipeline.id]) if not one.job or one.job in stands]
