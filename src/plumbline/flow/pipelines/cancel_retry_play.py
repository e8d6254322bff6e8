"""What a person may do with a pipeline: play, retry, cancel.

All raise PlumblineError ``not-found`` or ``not-allowed``; those about a job also ``job-replaced``.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec import structs

from plumbline.access import use_cases
from plumbline.flow.pipelines.look_up import job_for, pipeline_for
from plumbline.flow.pipelines.read import JobSeen, job_seen
from plumbline.flow.pipelines.transitions import NOTHING, PipelineTransition
from plumbline.flow.pipelines.transitions import cancel_pipeline as cancel_within
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.job import RETRIED_WITH_PIPELINE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from plumbline.access import Actor, UseCase
    from plumbline.flow.pipelines.tools import Server
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.server import StoredJob, StoredPipeline


def play_job(actor: Actor, server: Server, job: int, inputs: Mapping[str, object] = NOTHING) -> StoredJob:
    """Start a manual job, or a delayed one before its time, with these values for its inputs. PlumblineError
    ``illegal-transition``, ``job-input``, ``no-repository``, ``commit-gone``."""
    _check_commit(server, lambda unit: job_for(unit, use_cases.PLAY_JOB, job)[0], actor)
    with _newest(actor, server, use_cases.PLAY_JOB, job) as (unit, transition, name):
        played = transition.play(name, inputs)
        _reopen(server, unit, use_cases.PLAY_JOB, transition.close())
    return played


def retry_job(actor: Actor, server: Server, job: int, inputs: Mapping[str, object] = NOTHING) -> StoredJob:
    """Make a new attempt at a job that ended; the attempt. ``inputs``: over those of the last one. PlumblineError as
    :func:`play_job`."""
    _check_commit(server, lambda unit: job_for(unit, use_cases.RETRY_JOB, job)[0], actor)
    with _newest(actor, server, use_cases.RETRY_JOB, job) as (unit, transition, name):
        attempt = transition.retry(name, inputs)
        _reopen(server, unit, use_cases.RETRY_JOB, transition.close())
    return attempt


def cancel_job(actor: Actor, server: Server, job: int) -> JobSeen:
    """Cancel a job. One that has ended stays as it is."""
    with _newest(actor, server, use_cases.CANCEL_JOB, job) as (unit, transition, name):
        transition.cancel(name)
        return job_seen(unit.tx, transition.close(), transition.newest[name])


def cancel_pipeline(actor: Actor, server: Server, pipeline: int) -> StoredPipeline:
    """Cancel a pipeline and what it started."""
    with server.units.change(actor) as unit:
        found = pipeline_for(unit, use_cases.CANCEL_PIPELINE, pipeline)
        canceled = cancel_within(server, unit.tx, found, actor.person)
    server.wake()
    return canceled


def retry_pipeline(actor: Actor, server: Server, pipeline: int) -> StoredPipeline:
    """Make a new attempt at every job that failed or was canceled. PlumblineError ``nothing-to-retry``, and as
    :func:`play_job`."""
    _check_commit(server, lambda unit: pipeline_for(unit, use_cases.RETRY_PIPELINE, pipeline), actor)
    with server.units.change(actor) as unit:
        found = pipeline_for(unit, use_cases.RETRY_PIPELINE, pipeline)
        transition = PipelineTransition(server, unit.tx, found, actor.person)
        names = [name for name, job in transition.newest.items() if job.state in RETRIED_WITH_PIPELINE]
        if not names:
            message = t("No job of the pipeline failed or was canceled.")
            raise PlumblineError("nothing-to-retry", message, kind=ErrorKind.REFUSED)
        for name in names:
            transition.retry(name)
        retried = _reopen(server, unit, use_cases.RETRY_PIPELINE, transition.close())
    server.wake()
    return retried


def _check_commit(server: Server, find: Callable[[UnitOfWork], StoredPipeline], actor: Actor) -> None:
    """PlumblineError ``no-repository`` or ``commit-gone`` where no job of the pipeline can run any more."""
    with server.units.view(actor) as unit:
        pipeline = find(unit)
        bound = unit.tx.bindings.get(pipeline.project) is not None
    path, sha = pipeline.change.project.path, pipeline.sha
    if not bound:
        raise PlumblineError(
            "no-repository",
            t("The project {path} has no repository any more, so that its jobs cannot run.", path=path),
            t("Say where its repository is in the project's settings."),
            kind=ErrorKind.REFUSED,
        )
    copied = sha and server.projects.refs(pipeline.project) is not None
    if copied and server.projects.contains(pipeline.project, sha, sha) is None:
        raise PlumblineError(
            "commit-gone",
            t(
                "The repository of {path} has no commit {sha} any more, so that jobs of it cannot run.",
                path=path,
                sha=sha[:8],
            ),
            t("Run a new pipeline of a branch or a tag."),
            kind=ErrorKind.REFUSED,
        )


def _reopen(server: Server, unit: UnitOfWork, use_case: UseCase, pipeline: StoredPipeline) -> StoredPipeline:
    """The trigger job that ended as this pipeline did waits for it again, and so on to the top, as far as the actor may
    do the same there. The pipeline as it is then. (GitLab: ``reset_source_bridge!``)"""
    job = unit.tx.jobs.get(pipeline.upstream) if pipeline.upstream and not pipeline.finished else None
    above = unit.tx.pipelines.get(job.pipeline) if job is not None else None
    if job is None or above is None or not unit.may(use_case, above.project):
        return pipeline
    transition = PipelineTransition(server, unit.tx, above, unit.actor.person)
    waiting = transition.wait_again(job)
    if waiting is None:
        return pipeline
    after = structs.replace(pipeline, upstream=waiting.id)
    if not unit.tx.pipelines.change(pipeline, after):
        raise RuntimeError(f"pipeline {pipeline.id} changed inside a transaction")
    _reopen(server, unit, use_case, transition.close())
    return structs.replace(after, version=pipeline.version + 1)


@contextmanager
def _newest(
    actor: Actor, server: Server, use_case: UseCase, job: int
) -> Iterator[tuple[UnitOfWork, PipelineTransition, str]]:
    """The transition of a job's pipeline, where the job is the newest attempt; whoever asked closes it."""
    with server.units.change(actor) as unit:
        pipeline, found = job_for(unit, use_case, job)
        transition = PipelineTransition(server, unit.tx, pipeline, actor.person)
        newest = transition.newest[found.name]
        if newest.id != job:
            raise PlumblineError(
                "job-replaced",
                t("The job {job} has been run again since.", job=job),
                t("The newest attempt is job {job}.", job=newest.id),
                kind=ErrorKind.REFUSED,
            )
        yield unit, transition, found.name
    server.wake()
