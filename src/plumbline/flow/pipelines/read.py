"""What people see of pipelines, jobs and runners.

All raise PlumblineError ``not-found`` or ``not-allowed`` where they are about one thing; lists hold what may be seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import settings, use_cases
from plumbline.flow.jobs.job_log import StoredLog
from plumbline.flow.pipelines.artifacts import DAY, artifacts_now
from plumbline.flow.pipelines.look_up import job_for, pipeline_for
from plumbline.flow.pipelines.runner_heartbeats import statuses
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import PlumblineError, t
from plumbline.model.job import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plumbline.access import Actor
    from plumbline.flow.pipelines.artifacts import ArtifactsNow
    from plumbline.flow.pipelines.runner_heartbeats import RunnerStatus
    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.pipeline import Plan
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredJob, StoredPipeline
    from plumbline.model.tree import Node

QUEUE = 50  # jobs that wait and are looked at


class PipelineSeen(NamedTuple):
    """``jobs``: every attempt, oldest first. ``left``: what they did, by job."""

    pipeline: StoredPipeline
    jobs: Sequence[StoredJob]
    left: Mapping[int, ArtifactsNow]


class JobSeen(NamedTuple):
    pipeline: StoredPipeline
    job: StoredJob
    left: ArtifactsNow | None


class LogSeen(NamedTuple):
    """``log``: None where there is none; ``days``: for how many days logs are kept, where that time is over, else 0."""

    job: int
    log: StoredLog | None
    days: int

    def existing(self) -> StoredLog:
        """Raises PlumblineError ``not-found``."""
        if self.log is not None:
            return self.log
        if self.days:
            message = t("The log of job {job} is gone: logs are kept for {days} days here.", job=self.job,
                        days=self.days)  # fmt: skip
            raise not_found(message)
        raise not_found(t("Job {job} has printed nothing yet.", job=self.job))


class RunnersSeen(NamedTuple):
    """``waiting``: how many jobs wait for somebody who runs them. ``shown``: those of the held jobs whose project the
    actor sees. ``queue``: of the jobs that wait, the longest first, with their pipelines; those that the actor sees."""

    runners: Sequence[RunnerStatus]
    waiting: int
    shown: frozenset[int]
    queue: Sequence[tuple[StoredJob, StoredPipeline]]


class PipelineActs(NamedTuple):
    """What somebody may do with the pipelines of a project, for offering only that."""

    runs: bool
    cancels: bool
    retries: bool
    plays: bool
    downloads: bool
    writes_schedules: bool


def projects_of(actor: Actor, server: Server, pipelines: Iterable[StoredPipeline]) -> Mapping[int, Node]:
    """What the projects of these pipelines are called, by id."""
    with server.units.view(actor) as unit:
        wanted = {pipeline.project for pipeline in pipelines}.intersection(unit.projects(use_cases.LIST_PIPELINES))
        return {node.id: node for node in unit.tx.tree.all() if node.id in wanted}


def view_pipeline(actor: Actor, server: Server, pipeline: int) -> PipelineSeen:
    with server.units.view(actor) as unit:
        found = pipeline_for(unit, use_cases.VIEW_PIPELINE, pipeline)
        return PipelineSeen(found, unit.tx.jobs.of(pipeline), artifacts_now(unit.tx, found))


def view_plan(actor: Actor, server: Server, pipeline: int) -> Plan:
    """Its plan, without secrets; of a wrong configuration its problems."""
    with server.units.view(actor) as unit:
        return server.plans.get(unit.tx, pipeline_for(unit, use_cases.VIEW_PIPELINE, pipeline).id)


def view_job(actor: Actor, server: Server, job: int) -> JobSeen:
    with server.units.view(actor) as unit:
        return job_seen(unit.tx, *job_for(unit, use_cases.VIEW_JOB, job))


def read_log(actor: Actor, server: Server, job: int) -> LogSeen:
    """What a job printed so far; it may grow while it is read."""
    with server.units.view(actor) as unit:
        pipeline, found = job_for(unit, use_cases.READ_LOG, job)
        days = _days_of_log(unit.tx, pipeline.project, found, unit.now)

    def ended() -> bool:
        try:
            return view_job(actor, server, job).job.ended
        except PlumblineError:  # it is gone with its project
            return True

    path = server.log_of(found)
    return LogSeen(job, StoredLog(path, ended) if path is not None else None, days)


def list_runners(actor: Actor, server: Server) -> RunnersSeen:
    """The runners by name, with the jobs they hold: every runner serves every node."""
    with server.units.view(actor) as unit:
        unit.require(use_cases.LIST_RUNNERS)
        waiting = unit.tx.jobs.count([State.PENDING])[State.PENDING]
        runners, projects = statuses(unit.tx, unit.now), set(unit.projects(use_cases.VIEW_JOB))

        def seen(jobs: Iterable[StoredJob]) -> list[tuple[StoredJob, StoredPipeline]]:
            own = ((job, unit.tx.pipelines.get(job.pipeline)) for job in jobs)
            return [(job, pipeline) for job, pipeline in own if pipeline and pipeline.project in projects]

        held = seen(job for one in runners for job in one.jobs)
        queue = seen(job for job in unit.tx.jobs.waiting(QUEUE) if job.state is State.PENDING)
        return RunnersSeen(runners, waiting, frozenset(job.id for job, _ in held), queue)


def pipeline_acts(actor: Actor, server: Server, project: int) -> PipelineActs:
    with server.units.view(actor) as unit:
        return PipelineActs(
            runs=unit.may(use_cases.RUN_PIPELINE, project),
            cancels=unit.may(use_cases.CANCEL_PIPELINE, project),
            retries=unit.may(use_cases.RETRY_JOB, project),
            plays=unit.may(use_cases.PLAY_JOB, project),
            downloads=unit.may(use_cases.DOWNLOAD_ARTIFACTS, project),
            writes_schedules=unit.may(use_cases.WRITE_SCHEDULE, project),
        )


def job_seen(tx: Transaction, pipeline: StoredPipeline, job: StoredJob) -> JobSeen:
    """A job with what it left."""
    left = artifacts_now(tx, pipeline).get(job.id) if job.result and job.result.kept else None
    return JobSeen(pipeline, job, left)


def _days_of_log(tx: Transaction, project: int, job: StoredJob, now: int) -> int:
    days = settings.LOGS_DAYS.at(tx.tree.ancestors(project))
    return days if job.finished and days and job.finished + days * DAY <= now else 0
