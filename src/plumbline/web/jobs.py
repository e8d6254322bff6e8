"""A pipeline's jobs as pages show them: the newest attempt of each, why it stands where it stands, what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.flow.pipelines.spent import path_of
from plumbline.flow.pipelines.whence import JOB_NOWHERE
from plumbline.model.job import FINISHED, PLAYABLE, RETRYABLE, State
from plumbline.pipeline import Progress, step_of
from plumbline.web.begun import acted
from plumbline.web.states import look
from plumbline.web.words import SECOND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.flow.pipelines.whence import JobWhence
    from plumbline.kernel import Text
    from plumbline.model.pipeline import Plan
    from plumbline.model.server import StoredJob, StoredPipeline


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job. ``look`` is its state as drawn; ``group``: the name that all instances of a parallel job have in the
    file, ``place``: where the first of them stands in the plan; ``who``: who pressed something that it came to this.
    Lengths are microseconds."""

    job: StoredJob
    look: str
    why: Text | None
    who: Text | None
    child: StoredPipeline | None
    group: str
    place: int
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
    """One job on the critical path, on a common scale from 0 to 1000 that leaves out what people were waited for."""

    job: StoredJob
    waited: int  # for a place to run
    people: int
    length: int
    wait_x: int
    x: int
    width: int


def newest(jobs: Sequence[StoredJob]) -> dict[str, StoredJob]:
    """Of each job the newest attempt, in the order of the first ones."""
    return {job.name: job for job in sorted(jobs, key=lambda job: job.id)}


def rows(plan: Plan, jobs: Sequence[StoredJob], known: Mapping[int, JobWhence]) -> list[JobRow]:
    """In the order of the plan; a job that is not stored (yet) is left out. ``known``: where they come from."""
    current = newest(jobs)
    attempts: dict[str, int] = {}
    for job in jobs:
        attempts[job.name] = attempts.get(job.name, 0) + 1
    there = [job for job in plan.jobs if job.name in current]
    progress = Progress(
        [step_of(job) for job in there],
        {name: job.state for name, job in current.items()},
        allowed=[name for name, job in current.items() if job.allow_failure],
    )
    critical = {link.job.id for link in path(plan, jobs)}
    made = []
    places: dict[tuple[int, str], int] = {}
    for place, planned in enumerate(plan.jobs):
        places.setdefault((planned.stage_index, planned.group), place)
    for planned in there:
        job = current[planned.name]
        needs = None if planned.needs is None else tuple(need.job for need in planned.needs if need.job in current)
        made.append(
            JobRow(
                job=job,
                look=look(job.state, job.allow_failure),
                why=_why(progress, job),
                who=acted(job, whence := known.get(job.id, JOB_NOWHERE)),
                child=whence.child,
                group=planned.group,
                place=places[planned.stage_index, planned.group],
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
    links = path_of(plan, jobs)
    by_id = {job.id: job for job in jobs}
    total = sum(link.waited - link.people + link.job.duration for link in links)
    scale = 1000 / max(0.001, total)
    made, at = [], 0.0
    for link in links:
        waited, length = link.waited - link.people, link.job.duration
        made.append(
            PathLink(
                job=by_id[link.job.id],
                waited=round(waited * SECOND),
                people=round(link.people * SECOND),
                length=round(length * SECOND),
                wait_x=round(at * scale),
                x=round((at + waited) * scale),
                width=max(2, round(length * scale)),
            )
        )
        at += waited + length
    return made


_ORDER = ("failed", "warned", "warning", "running", "canceling", "manual", "canceled", "pending", "success")


def rank(look: str) -> int:
    """The worse, the smaller."""
    return _ORDER.index(look) if look in _ORDER else len(_ORDER)


def summary(looks: Sequence[str]) -> list[tuple[str, int]]:
    """How many of each look, worst first."""
    counts: dict[str, int] = {}
    for one in looks:
        counts[one] = counts.get(one, 0) + 1
    return sorted(counts.items(), key=lambda item: rank(item[0]))
