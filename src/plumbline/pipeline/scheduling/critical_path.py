"""The chain of jobs that decided how long a pipeline took."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plumbline.model.run import JobRecord


class Link(NamedTuple):
    """One job on the path. ``waited``: seconds between the moment it might have started and its start, for want of a
    free slot, a resource or a person."""

    job: JobRecord
    waited: float


def critical_path(jobs: Iterable[JobRecord], stages: Sequence[str], pipeline: int = 1) -> tuple[Link, ...]:
    """From the first job to the one that finished last, each the one its successor waited for longest.

    Jobs that never ran are not on it. A job that ran again stands there once for each attempt.
    """
    ran = [job for job in jobs if job.pipeline == pipeline and job.started and job.finished]
    if not ran:
        return ()
    order = {stage: position for position, stage in enumerate(stages)}
    created = min(job.queued or job.started for job in ran)
    path: list[Link] = []
    job: JobRecord | None = max(ran, key=lambda other: other.finished)
    while job is not None:
        before = _awaited(job, ran, order)
        ready = before.finished if before else created
        path.append(Link(job, max(0.0, job.started - ready)))
        job = before
    return tuple(reversed(path))


def _awaited(job: JobRecord, ran: Sequence[JobRecord], order: dict[str, int]) -> JobRecord | None:
    """Of all the jobs this one had to wait for, the one that finished last."""
    if job.attempt > 1:
        awaited = [other for other in ran if other.name == job.name and other.attempt == job.attempt - 1]
    elif job.needs is not None:
        wanted = set(job.needs)
        awaited = [other for other in ran if other.name in wanted]
    else:
        own = order.get(job.stage, 0)
        awaited = [other for other in ran if order.get(other.stage, 0) < own]
    # A job retried by hand after its dependents ran finished too late to have been waited for.
    awaited = [other for other in awaited if other.finished <= job.started + 0.001]
    return max(awaited, key=lambda other: other.finished, default=None)
