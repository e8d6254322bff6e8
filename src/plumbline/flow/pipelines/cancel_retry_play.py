"""What a person may do with a pipeline: play, retry, cancel."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from plumbline.flow.pipelines.transitions import PipelineTransition, cancel_pipeline
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.job import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.flow.pipelines.tools import Server
    from plumbline.kernel import Text
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredJob, StoredPipeline

_AGAIN = (State.FAILED, State.CANCELED)


def play_job(server: Server, job: int, *, by: int = 0, person: str = "") -> StoredJob:
    """Start a manual job, or a delayed one before its time. PlumblineError ``no-such-job``, ``job-replaced`` or
    ``illegal-transition``."""
    with _job(server, job, person) as (course, name):
        return course.play(name, by)


def retry_job(server: Server, job: int, *, by: int = 0, person: str = "") -> StoredJob:
    """A new attempt at a job that ended; the attempt. PlumblineErrors as for :func:`play_job`."""
    with _job(server, job, person) as (course, name):
        return course.retry(name, by)


def cancel_job(server: Server, job: int, *, person: str = "") -> None:
    """A job that has ended stays as it is. PlumblineError ``no-such-job`` or ``job-replaced``."""
    with _job(server, job, person) as (course, name):
        course.cancel(name)


def cancel(server: Server, pipeline: int, *, person: str = "") -> StoredPipeline:
    """Cancel a pipeline and what it started. PlumblineError ``no-such-pipeline``."""
    with server.store.change() as tx:
        found = cancel_pipeline(server, tx, _pipeline(tx, pipeline), person)
    server.wake()
    return found


def retry_pipeline(server: Server, pipeline: int, *, by: int = 0, person: str = "") -> StoredPipeline:
    """A new attempt at every job that failed or was canceled. PlumblineError ``no-such-pipeline`` or
    ``nothing-to-retry``."""
    with server.store.change() as tx:
        course = PipelineTransition(server, tx, _pipeline(tx, pipeline), person=person)
        names = [name for name, job in course.newest.items() if job.state in _AGAIN]
        if not names:
            raise _refused("nothing-to-retry", t("No job of the pipeline failed or was canceled."))
        for name in names:
            course.retry(name, by)
        found = course.close()
    server.wake()
    return found


@contextmanager
def _job(server: Server, job: int, person: str) -> Iterator[tuple[PipelineTransition, str]]:
    with server.store.change() as tx:
        found = tx.jobs.get(job)
        if found is None:
            raise _refused("no-such-job", t("There is no job {job}.", job=job))
        course = PipelineTransition(server, tx, _pipeline(tx, found.pipeline), person=person)
        newest = course.newest[found.name]
        if newest.id != job:
            raise _refused(
                "job-replaced",
                t("The job {job} has been run again since.", job=job),
                t("The newest attempt is job {job}.", job=newest.id),
            )
        yield course, found.name
        course.close()
    server.wake()


def _pipeline(tx: Transaction, pipeline: int) -> StoredPipeline:
    found = tx.pipelines.get(pipeline)
    if found is None:
        raise _refused("no-such-pipeline", t("There is no pipeline {pipeline}.", pipeline=pipeline))
    return found


def _refused(code: str, message: Text, hint: Text | None = None) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.REFUSED)
