"""What a run's events say of its jobs, for a run whose record was never completed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.model.job import FINISHED, State
from plumbline.model.run import JobRecord, RunEventKind, RunRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.model.run import RunEvent


def replay(record: RunRecord, events: Iterable[RunEvent]) -> float:
    """Bring a record up to its events; returns the time of the last one (0.0: there are none)."""
    jobs = {job.id: job for job in record.jobs}
    last = 0.0
    for event in events:
        last = max(last, event.time)
        if event.job_id:
            job = jobs.get(event.job_id)
            if job is None:
                job = jobs[event.job_id] = JobRecord(id=event.job_id, name=event.job, stage=event.stage)
                record.jobs.append(job)
            _apply(job, event)
        elif event.kind is RunEventKind.RUN_STARTED and record.state is State.CREATED:
            record.state = State.RUNNING
        elif event.kind is RunEventKind.RUN_FINISHED and event.pipeline <= 1:
            record.state = event.state or record.state
            record.finished = event.time
    return last


def interrupt(record: RunRecord, at: float) -> None:
    """Mark a run whose owner died: what was not finished is canceled."""
    record.interrupted = True
    record.state = State.CANCELED
    record.finished = at
    for job in record.jobs:
        if job.state not in FINISHED and job.state is not State.MANUAL:
            job.finished = at if job.started else 0.0
            job.state = State.CANCELED


def _apply(job: JobRecord, event: RunEvent) -> None:
    job.pipeline = event.pipeline or job.pipeline
    job.attempt = event.attempt or job.attempt
    if event.kind is RunEventKind.TASK_STARTED:
        job.started, job.state = event.time, State.RUNNING
    elif event.kind is RunEventKind.TASK_FINISHED:
        job.finished, job.state = event.time, event.state or job.state
        job.exit_code, job.reason, job.coverage = event.exit_code, event.reason, event.coverage
        job.message = str(event.message) if event.message else ""
        job.allow_failure = event.allowed_failure
    elif event.state is not None:
        job.state = event.state
        if event.state is State.PENDING:
            job.queued = event.time
