"""What jobs of other pipelines left that a job may be handed: in the same family, and in projects within reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import Permission
from plumbline.flow.jobs.pipeline_run import Producer
from plumbline.flow.pipelines.project_access import OnBehalf, reach
from plumbline.model.job import State

if TYPE_CHECKING:
    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredJob, StoredPipeline

_LOOKED_AT = 100  # pipelines of a ref, newest first, before it is said that the job has not succeeded


class StoredOthers:
    """The pipelines of the store, as one of them may see them. ``by``: on whose behalf; 0: nobody known here."""

    def __init__(self, server: Server, pipeline: StoredPipeline, by: int) -> None:
        self._server = server
        self._pipeline = pipeline
        self._by = by

    def in_pipeline(self, number: str, job: str) -> list[Producer]:
        """Of a pipeline of the same project that has the same root."""
        if not number.isdecimal() or len(number) > 18:
            return []
        with self._server.store.view() as tx:
            found = tx.pipelines.get(int(number))
            if found is None or found.project != self._pipeline.project:
                return []
            if _root(tx, found) != _root(tx, self._pipeline):
                return []
            return self._left_by(tx, found, job)

    def in_project(self, path: str, ref: str, job: str) -> list[Producer]:
        """Of the newest pipeline of the ref in which the job succeeded. Raises PlumblineError
        ``project-out-of-reach``."""
        with self._server.store.view() as tx:
            asker = OnBehalf(self._pipeline.project, self._by)
            node = reach(tx, asker, path, Permission.ARTIFACT_DOWNLOAD)
            for pipeline in tx.pipelines.newest(_LOOKED_AT, projects=(node.id,), ref=ref):
                if found := self._left_by(tx, pipeline, job):
                    return found
        return []

    def _left_by(self, tx: Transaction, pipeline: StoredPipeline, name: str) -> list[Producer]:
        """What the job of this name, or the instances of one of this name, left. Nothing where it has not succeeded."""
        newest: dict[str, StoredJob] = {job.name: job for job in tx.jobs.of(pipeline.id)}
        if not newest:
            return []
        planned = self._server.plans.get(tx, pipeline.id).jobs
        gone = {kept.job for kept in tx.keeping.of(pipeline.id) if kept.gone}
        found = []
        for position, job in enumerate(planned):
            stored = newest.get(job.name)
            if stored is None or stored.state is not State.SUCCESS or name not in (job.name, job.group):
                continue
            result = stored.result
            archive = result is not None and any(kept.kind == "archive" for kept in result.kept)
            dotenv = result.dotenv if result is not None else ()
            found.append(Producer(position, job.name, job.group, stored.id, archive, dotenv, stored.id in gone))
        return found


def _root(tx: Transaction, pipeline: StoredPipeline) -> int:
    """The pipeline that no trigger job started, above this one."""
    while pipeline.upstream:
        job = tx.jobs.get(pipeline.upstream)
        above = tx.pipelines.get(job.pipeline) if job is not None else None
        if above is None:
            break
        pipeline = above
    return pipeline.id
