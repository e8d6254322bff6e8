"""The chain of jobs that decided how long a pipeline took, and what its time went into."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.model.job import State
from plumbline.model.spans import covered, covered_but

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plumbline.model.run import JobRecord


class Link(NamedTuple):
    """One job on the path. ``waited``: seconds between the moment it might have started and its start, for want of a
    free slot, a resource or a person; ``people``: how many of them were for a person."""

    job: JobRecord
    waited: float
    people: float = 0.0


class Spent(NamedTuple):
    """Seconds in which at least one job ran; else, in which one was queued; else, in which a person was waited for."""

    work: float
    queue: float
    people: float


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
        before = _awaited(job, ran, order, job.started)
        ready = before.finished if before else created
        waited = max(0.0, job.started - ready)
        path.append(Link(job, waited, min(waited, max(0.0, job.queued - ready)) if job.pressed else 0.0))
        job = before
    return tuple(reversed(path))


def spent(jobs: Iterable[JobRecord], stages: Sequence[str], created: float, now: float, pipeline: int = 1) -> Spent:
    """What the time of a pipeline went into. ``created``: when it was made, ``now``: until when what is not over
    counts; POSIX time stamps."""
    own = [job for job in jobs if job.pipeline == pipeline]
    ran = [job for job in own if job.started and job.finished]
    order = {stage: position for position, stage in enumerate(stages)}
    work = [(job.started, job.finished or now) for job in own if job.started]
    busy = [(job.queued, job.started or job.finished or now) for job in own if job.queued]
    people = []
    for job in own:
        asked = now if job.state is State.MANUAL and not job.allow_failure else job.queued if job.pressed else 0.0
        if asked:
            before = _awaited(job, ran, order, asked)
            people.append((before.finished if before else created, asked))
    return Spent(covered(work), covered_but(busy, work), covered_but(people, [*work, *busy]))


def _awaited(job: JobRecord, ran: Sequence[JobRecord], order: dict[str, int], at: float) -> JobRecord | None:
    """Of all the jobs this one had to wait for at that time, the one that finished last."""
    if job.attempt > 1:
        awaited = [other for other in ran if other.name == job.name and other.attempt == job.attempt - 1]
    elif job.needs is not None:
        wanted = set(job.needs)
        awaited = [other for other in ran if other.name in wanted]
    else:
        own = order.get(job.stage, 0)
        awaited = [other for other in ran if order.get(other.stage, 0) < own]
    # A job retried by hand after its dependents ran finished too late to have been waited for.
    awaited = [other for other in awaited if other.finished <= at + 0.001]
    return max(awaited, key=lambda other: other.finished, default=None)
