"""A pipeline's jobs as pages show them: the newest attempt of each, why it stands where it stands, what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.model.job import FINISHED, State
from plumbline.model.run import JobRecord
from plumbline.pipeline import Progress, critical_path, step_of
from plumbline.web.states import look
from plumbline.web.words import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.kernel import Text
    from plumbline.model.pipeline import Plan
    from plumbline.model.server import StoredJob

RETRYABLE = frozenset({State.SUCCESS, State.FAILED, State.CANCELED})
PLAYABLE = frozenset({State.MANUAL, State.SCHEDULED})


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job. ``look`` is its state as drawn; lengths are microseconds."""

    job: StoredJob
    look: str
    why: Text | None
    needs: tuple[str, ...] | None
    stage: int
    critical: bool = False
    attempts: int = 1

    @property
    def name(self) -> str:
        return self.job.name

    def length(self, now: int) -> int:
        return max(0, (self.job.finished or now) - self.job.started) if self.job.started else 0

    @property
    def can_retry(self) -> bool:
        return self.job.state in RETRYABLE

    @property
    def can_play(self) -> bool:
        return self.job.state in PLAYABLE

    @property
    def can_cancel(self) -> bool:
        return self.job.state not in FINISHED and self.job.state is not State.CANCELING


@dataclass(frozen=True, slots=True)
class PathLink:
    """One job on the critical path, on a common scale from 0 to 1000."""

    job: StoredJob
    waited: int
    length: int
    wait_x: int
    x: int
    width: int


def newest(jobs: Sequence[StoredJob]) -> dict[str, StoredJob]:
    """Of each job the newest attempt, in the order of the first ones."""
    return {job.name: job for job in sorted(jobs, key=lambda job: job.id)}


def rows(plan: Plan, jobs: Sequence[StoredJob]) -> list[JobRow]:
    """In the order of the plan; a job that is not stored (yet) is left out."""
    current = newest(jobs)
    attempts: dict[str, int] = {}
    for job in jobs:
        attempts[job.name] = attempts.get(job.name, 0) + 1
    known = [job for job in plan.jobs if job.name in current]
    progress = Progress(
        [step_of(job) for job in known],
        {name: job.state for name, job in current.items()},
        allowed=[name for name, job in current.items() if job.allow_failure],
    )
    critical = {link.job.id for link in path(plan, jobs)}
    made = []
    for planned in known:
        job = current[planned.name]
        needs = None if planned.needs is None else tuple(need.job for need in planned.needs if need.job in current)
        made.append(
            JobRow(
                job=job,
                look=look(job.state, job.allow_failure),
                why=_why(progress, job),
                needs=needs,
                stage=planned.stage_index,
                critical=job.id in critical,
                attempts=attempts[job.name],
            )
        )
    return made


def _why(progress: Progress, job: StoredJob) -> Text | None:
    if job.result is not None and job.result.message is not None and job.ended:
        return job.result.message
    return None if job.state in (State.SUCCESS, State.RUNNING) else progress.why(job.name)


def path(plan: Plan, jobs: Sequence[StoredJob]) -> list[PathLink]:
    """The chain of jobs that decided how long the pipeline took."""
    needs = {job.name: None if job.needs is None else tuple(need.job for need in job.needs) for job in plan.jobs}
    records = [
        JobRecord(
            id=job.id,
            name=job.name,
            stage=job.stage,
            attempt=job.attempt,
            queued=job.queued / SECOND,
            started=job.started / SECOND,
            finished=job.finished / SECOND,
            needs=needs.get(job.name),
        )
        for job in jobs
    ]
    links = critical_path(records, plan.stages)
    if not links:
        return []
    by_id = {job.id: job for job in jobs}
    begin = links[0].job.started - links[0].waited
    scale = 1000 / max(0.001, links[-1].job.finished - begin)
    return [
        PathLink(
            job=by_id[link.job.id],
            waited=round(link.waited * SECOND),
            length=round(link.job.duration * SECOND),
            wait_x=round((link.job.started - link.waited - begin) * scale),
            x=round((link.job.started - begin) * scale),
            width=max(2, round(link.job.duration * scale)),
        )
        for link in links
    ]


def summary(looks: Sequence[str]) -> list[tuple[str, int]]:
    """How many of each look, worst first."""
    order = ("failed", "warned", "warning", "running", "canceling", "manual", "canceled", "pending", "success")
    counts: dict[str, int] = {}
    for one in looks:
        counts[one] = counts.get(one, 0) + 1
    return sorted(counts.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order))
