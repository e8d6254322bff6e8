"""The server's own desk: pipelines, jobs, their logs, and what starts them by the clock."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO

from plumbline.access import Permission
from plumbline.flow.pipelines.artifacts import artifacts_now, days_of_log, keep_artifacts, left_file
from plumbline.flow.pipelines.cancel_retry_play import cancel, cancel_job, play_job, retry_job, retry_pipeline
from plumbline.flow.pipelines.create_pipeline import start_pipeline
from plumbline.flow.pipelines.runner_heartbeats import runner_statuses, waiting_jobs
from plumbline.flow.pipelines.tools import Wanted
from plumbline.flow.tree.manage_tree import projects_where
from plumbline.model.change import Event
from plumbline.model.pipeline import Variable, VariableSource
from plumbline.model.tree import INSTANCE
from plumbline.web.desk import RunnerState
from plumbline.web.desk_base import DeskBase, nothing_to_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from plumbline.flow.pipelines.artifacts import ArtifactsNow
    from plumbline.model.pipeline import Plan
    from plumbline.model.server import StoredJob, StoredPipeline
    from plumbline.web.desk import Visitor


class FileLog:
    """A log in a file. ``live`` as it was when it was asked for, until the job says otherwise."""

    def __init__(self, path: str, desk: PipelinesDesk, job: int) -> None:
        self._path = path
        self._desk = desk
        self._job = job

    @property
    def size(self) -> int:
        try:
            return os.stat(self._path).st_size
        except FileNotFoundError:
            return 0

    @property
    def live(self) -> bool:
        return not self._desk.ended(self._job)

    def read(self, offset: int, length: int) -> bytes:
        try:
            with open(self._path, "rb") as file:
                file.seek(offset)
                return file.read(length)
        except FileNotFoundError:
            return b""


class PipelinesDesk(DeskBase):
    def latest(self, visitor: Visitor) -> Mapping[int, StoredPipeline]:
        with self._tools.store.view() as tx:
            projects = projects_where(tx, visitor.standing, Permission.PIPELINE_VIEW)
            return {found.project: found for found in tx.pipelines.latest(projects)}

    def pipelines(self, visitor: Visitor, project: int, ref: str, before: int, limit: int) -> Sequence[StoredPipeline]:
        with self._tools.store.view() as tx:
            if project:
                self._require(tx, visitor, Permission.PIPELINE_VIEW, project)
                projects: Sequence[int] = [project]
            else:
                projects = projects_where(tx, visitor.standing, Permission.PIPELINE_VIEW)
            return tx.pipelines.newest(limit, projects=projects, ref=ref, before=before)

    def pipeline(self, visitor: Visitor, pipeline: int) -> StoredPipeline:
        with self._tools.store.view() as tx:
            return self._pipeline(tx, visitor, pipeline)

    def plan(self, visitor: Visitor, pipeline: int) -> Plan | None:
        with self._tools.store.view() as tx:
            found = self._pipeline(tx, visitor, pipeline)
            return self._tools.pipelines.plans.get(tx, found.id)

    def jobs(self, visitor: Visitor, pipeline: int) -> Sequence[StoredJob]:
        with self._tools.store.view() as tx:
            self._pipeline(tx, visitor, pipeline)
            return tx.jobs.of(pipeline)

    def job(self, visitor: Visitor, job: int) -> StoredJob:
        with self._tools.store.view() as tx:
            return self._job(tx, visitor, job)

    def ended(self, job: int) -> bool:
        with self._tools.store.view() as tx:
            found = tx.jobs.get(job)
            return found is None or found.ended

    def log(self, visitor: Visitor, job: int) -> FileLog | None:
        path = self._tools.log_of(self.job(visitor, job))
        return FileLog(path, self, job) if path else None

    def days_of_log(self, visitor: Visitor, job: int) -> int:
        with self._tools.store.view() as tx:
            found = self._job(tx, visitor, job)
            pipeline = tx.pipelines.get(found.pipeline)
            return days_of_log(tx, pipeline.project, found, self.clock()) if pipeline else 0

    def artifacts(self, visitor: Visitor, job: int) -> ArtifactsNow | None:
        with self._tools.store.view() as tx:
            found = self._job(tx, visitor, job)
            pipeline = tx.pipelines.get(found.pipeline)
            return artifacts_now(tx, pipeline).get(job) if pipeline else None

    def left_file(self, visitor: Visitor, job: int, name: str) -> Iterator[bytes]:
        with self._tools.store.view() as tx:
            found = self._job(tx, visitor, job, Permission.ARTIFACT_DOWNLOAD)
            path = left_file(tx, found, name, self._tools.file_of)
        return _pieces(open(path, "rb"))  # noqa: SIM115 - closed when all is sent

    def keep_artifacts(self, visitor: Visitor, job: int, keep: bool) -> None:
        with self._tools.store.view() as tx:
            self._job(tx, visitor, job, Permission.JOB_RETRY)
        person = visitor.person
        keep_artifacts(self._tools.pipelines, job, by=person.id, person=person.name, keep=keep)

    def run(self, visitor: Visitor, project: int, ref: str, variables: Mapping[str, str]) -> StoredPipeline:
        with self._tools.store.view() as tx:
            self._require(tx, visitor, Permission.PIPELINE_RUN, project)
        person = visitor.person
        wanted = Wanted(
            project=project,
            event=Event.WEB,
            ref=ref,
            user=person.name,
            user_name=person.title or person.name,
            user_email=person.email,
        )
        given = tuple(Variable(name, value, VariableSource.PIPELINE) for name, value in variables.items())
        made = start_pipeline(self._tools.pipelines, wanted, variables=given, by=person.id, keep_failed=True)
        if made is None:
            raise nothing_to_run()
        return made

    def cancel(self, visitor: Visitor, pipeline: int) -> None:
        with self._tools.store.view() as tx:
            self._pipeline(tx, visitor, pipeline, Permission.PIPELINE_CANCEL)
        cancel(self._tools.pipelines, pipeline, person=visitor.person.name)

    def retry_pipeline(self, visitor: Visitor, pipeline: int) -> None:
        with self._tools.store.view() as tx:
            self._pipeline(tx, visitor, pipeline, Permission.JOB_RETRY)
        person = visitor.person
        retry_pipeline(self._tools.pipelines, pipeline, by=person.id, person=person.name)

    def retry(self, visitor: Visitor, job: int) -> int:
        with self._tools.store.view() as tx:
            self._job(tx, visitor, job, Permission.JOB_RETRY)
        person = visitor.person
        return retry_job(self._tools.pipelines, job, by=person.id, person=person.name).id

    def play(self, visitor: Visitor, job: int) -> None:
        with self._tools.store.view() as tx:
            self._job(tx, visitor, job, Permission.JOB_PLAY)
        play_job(self._tools.pipelines, job, by=visitor.person.id, person=visitor.person.name)

    def cancel_job(self, visitor: Visitor, job: int) -> None:
        with self._tools.store.view() as tx:
            self._job(tx, visitor, job, Permission.PIPELINE_CANCEL)
        cancel_job(self._tools.pipelines, job, person=visitor.person.name)

    def runners(self, visitor: Visitor) -> Sequence[RunnerState]:
        with self._tools.store.view() as tx:
            self._require(tx, visitor, Permission.RUNNER_VIEW, INSTANCE)
        return [
            RunnerState(one.heartbeat.owner, one.jobs, one.heartbeat.seen, one.heartbeat.threads, one.alive)
            for one in runner_statuses(self._tools.pipelines)
        ]

    def waiting(self, visitor: Visitor) -> int:
        with self._tools.store.view() as tx:
            self._require(tx, visitor, Permission.RUNNER_VIEW, INSTANCE)
        return waiting_jobs(self._tools.pipelines)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(1 << 16):
            yield piece
