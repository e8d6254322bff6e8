"""What the time of a stored pipeline went into, and the jobs that decided it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.model.job import When
from plumbline.model.run import JobRecord
from plumbline.model.server import Pressed
from plumbline.pipeline import critical_path, spent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.model.pipeline import Plan
    from plumbline.model.server import StoredJob, StoredPipeline
    from plumbline.pipeline import Link

_SECOND = 1_000_000


class TimeSpent(NamedTuple):
    """Microseconds in which at least one job ran; else, in which one was queued; else, in which a person was waited
    for."""

    work: int
    queue: int
    people: int


def time_spent(plan: Plan, pipeline: StoredPipeline, jobs: Iterable[StoredJob], now: int) -> TimeSpent:
    """Of one that goes on, until now."""
    end = (pipeline.finished or now) / _SECOND
    found = spent(_records(plan, jobs), plan.stages, pipeline.created / _SECOND, end)
    return TimeSpent(*(round(seconds * _SECOND) for seconds in found))


def path_of(plan: Plan, jobs: Iterable[StoredJob]) -> tuple[Link, ...]:
    """The chain of jobs that decided how long it took."""
    return critical_path(_records(plan, jobs), plan.stages)


def _records(plan: Plan, jobs: Iterable[StoredJob]) -> list[JobRecord]:
    """Times in seconds."""
    needs = {job.name: None if job.needs is None else tuple(need.job for need in job.needs) for job in plan.jobs}
    manual = {job.name for job in plan.jobs if job.when is When.MANUAL}
    optional = {job.name for job in plan.jobs if job.allow_failure.allowed}
    return [
        JobRecord(
            id=job.id,
            name=job.name,
            stage=job.stage,
            attempt=job.attempt,
            state=job.state,
            allow_failure=job.name in optional,
            queued=job.queued / _SECOND,
            started=job.started / _SECOND,
            finished=job.finished / _SECOND,
            needs=needs.get(job.name),
            pressed=job.pressed is not Pressed.NOTHING or (job.attempt == 1 and job.name in manual),
        )
        for job in jobs
    ]
