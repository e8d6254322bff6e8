"""What caches were worth in a run: the time they took, and the time they saved where an earlier run tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.model.job import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.run import JobRecord, RunRecord


class Worth(NamedTuple):
    """One job's caches. ``saved``: seconds its script was faster than in its newest run without a cache; None: no such
    run is known."""

    job: str
    keys: tuple[str, ...]
    hits: int
    size: int  # bytes
    cost: float  # seconds spent on restoring and saving
    saved: float | None

    @property
    def loses(self) -> bool:
        """The cache took longer than it saved."""
        return self.saved is not None and self.cost > max(self.saved, 0.0)


def cache_worth(record: RunRecord, history: Sequence[RunRecord]) -> list[Worth]:
    """One entry for each successful job of the run that used a cache; ``history`` holds other runs, newest first."""
    return [_worth(job, history) for job in record.jobs if job.caches and job.state is State.SUCCESS]


def _worth(job: JobRecord, history: Sequence[RunRecord]) -> Worth:
    hits = sum(1 for use in job.caches if use.action == "restore" and use.hit)
    cold = _without_cache(job, history) if hits else None
    return Worth(
        job=job.name,
        keys=tuple(dict.fromkeys(use.key for use in job.caches)),
        hits=hits,
        size=max(use.size for use in job.caches),
        cost=sum(use.seconds for use in job.caches),
        saved=None if cold is None else cold - job.timings.get("script", job.duration),
    )


def _without_cache(job: JobRecord, history: Sequence[RunRecord]) -> float | None:
    for run in history:
        for other in run.jobs:
            if other.name != job.name or other.state is not State.SUCCESS or not other.caches:
                continue
            if not any(use.hit for use in other.caches if use.action == "restore"):
                return other.timings.get("script", other.duration)
    return None
