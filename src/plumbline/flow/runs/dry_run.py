"""A dry run: what would start, wave by wave, if every job succeeded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.jobs.selection import Selection, select
from plumbline.model.job import State
from plumbline.model.pipeline import Job, Plan
from plumbline.pipeline import progress_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.pipeline import Progress, Transition


def rehearse(plan: Plan, selection: Selection) -> tuple[list[list[Job]], list[Job]]:
    """The jobs that start at the same moment, in order of moments, and those that would not start by themselves."""
    chosen = select(plan, selection)
    jobs = {job.name: job for job in chosen.jobs}
    progress = progress_of(chosen)
    waves: list[list[Job]] = []
    ready = _started(progress, progress.start(), jobs, selection)
    while ready:
        waves.append([jobs[name] for name in ready])
        for name in ready:
            progress.record(name, State.RUNNING)
        after: list[str] = []
        for name in ready:
            after += _started(progress, progress.record(name, State.SUCCESS), jobs, selection)
        ready = after
    begun = {job.name for wave in waves for job in wave}
    return waves, [job for job in chosen.jobs if job.name not in begun]


def _started(
    progress: Progress, transitions: Iterable[Transition], jobs: dict[str, Job], selection: Selection
) -> list[str]:
    """Names that became pending; delayed jobs count at once, and manual ones that were asked for."""
    found: list[str] = []
    for name, _, after in transitions:
        if after is State.PENDING:
            found.append(name)
        elif after is State.SCHEDULED or (after is State.MANUAL and selection.plays(jobs[name])):
            found += _started(progress, progress.play(name), jobs, selection)
    return list(dict.fromkeys(found))
