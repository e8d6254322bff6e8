"""The server's own desk: pipelines, jobs and their logs. Goes with the desk; pages call these verbs themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.pipelines import cancel_retry_play as acts
from plumbline.flow.pipelines import read
from plumbline.flow.pipelines.keep_artifacts import artifact_file, keep_artifacts
from plumbline.flow.pipelines.run_pipeline import run_pipeline
from plumbline.web.desk import RunnerState
from plumbline.web.desk_base import DeskBase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from plumbline.flow.jobs.job_log import StoredLog
    from plumbline.flow.pipelines.artifacts import ArtifactsNow
    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.pipeline import Plan
    from plumbline.model.server import StoredJob, StoredPipeline
    from plumbline.web.desk import Visitor


class PipelinesDesk(DeskBase):
    @property
    def _server(self) -> Server:
        return self._tools.pipelines

    def latest(self, visitor: Visitor) -> Mapping[int, StoredPipeline]:
        return read.latest_pipelines(visitor.standing, self._server)

    def pipelines(self, visitor: Visitor, project: int, ref: str, before: int, limit: int) -> Sequence[StoredPipeline]:
        return read.list_pipelines(
            visitor.standing, self._server, limit, project=project or None, ref=ref, before=before
        )

    def pipeline(self, visitor: Visitor, pipeline: int) -> StoredPipeline:
        return read.view_pipeline(visitor.standing, self._server, pipeline).pipeline

    def plan(self, visitor: Visitor, pipeline: int) -> Plan | None:
        return read.view_plan(visitor.standing, self._server, pipeline)

    def jobs(self, visitor: Visitor, pipeline: int) -> Sequence[StoredJob]:
        return read.view_pipeline(visitor.standing, self._server, pipeline).jobs

    def job(self, visitor: Visitor, job: int) -> StoredJob:
        return read.view_job(visitor.standing, self._server, job).job

    def log(self, visitor: Visitor, job: int) -> StoredLog | None:
        return read.read_log(visitor.standing, self._server, job).log

    def days_of_log(self, visitor: Visitor, job: int) -> int:
        return read.read_log(visitor.standing, self._server, job).days

    def artifacts(self, visitor: Visitor, job: int) -> ArtifactsNow | None:
        return read.view_job(visitor.standing, self._server, job).left

    def left_file(self, visitor: Visitor, job: int, name: str) -> Iterator[bytes]:
        with open(artifact_file(visitor.standing, self._server, job, name), "rb") as file:
            return iter([file.read()])

    def keep_artifacts(self, visitor: Visitor, job: int, keep: bool) -> None:
        keep_artifacts(visitor.standing, self._server, job, keep=keep)

    def run(self, visitor: Visitor, project: int, ref: str, variables: Mapping[str, str]) -> StoredPipeline:
        return run_pipeline(visitor.standing, self._server, project, ref, variables=variables)

    def cancel(self, visitor: Visitor, pipeline: int) -> None:
        acts.cancel_pipeline(visitor.standing, self._server, pipeline)

    def retry_pipeline(self, visitor: Visitor, pipeline: int) -> None:
        acts.retry_pipeline(visitor.standing, self._server, pipeline)

    def retry(self, visitor: Visitor, job: int) -> int:
        return acts.retry_job(visitor.standing, self._server, job).id

    def play(self, visitor: Visitor, job: int) -> None:
        acts.play_job(visitor.standing, self._server, job)

    def cancel_job(self, visitor: Visitor, job: int) -> None:
        acts.cancel_job(visitor.standing, self._server, job)

    def runners(self, visitor: Visitor) -> Sequence[RunnerState]:
        return [
            RunnerState(one.heartbeat.owner, one.jobs, one.heartbeat.seen, one.heartbeat.threads, one.alive)
            for one in read.list_runners(visitor.standing, self._server).runners
        ]

    def waiting(self, visitor: Visitor) -> int:
        return read.list_runners(visitor.standing, self._server).waiting
