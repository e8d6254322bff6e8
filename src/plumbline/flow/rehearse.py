"""A run in which every job succeeds and none is really started: what would start, in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.pipeline_run import PipelineRun
from plumbline.flow.selection import Selection, select
from plumbline.model import Job, Plan, State

if TYPE_CHECKING:
    from plumbline.flow.tools import Tools


def rehearse(tools: Tools, plan: Plan, selection: Selection) -> tuple[tuple[tuple[Job, ...], ...], tuple[Job, ...]]:
    """Waves of jobs, each of which starts when the wave before it has succeeded; and the jobs that would never start.

    Manual jobs start only if the selection plays them; delays are taken as over.
    Raises PlumblineError when the selection names what is not there.
    """
    chosen = select(plan, selection)
    pipeline = PipelineRun(1, chosen, tools)
    progress = pipeline.progress
    progress.start()
    waves: list[tuple[Job, ...]] = []
    started: set[str] = set()
    while True:
        for job in chosen.jobs:
            state = progress.state(job.name)
            if state is State.MANUAL and {"*", job.name, job.group} & set(selection.manual):
                progress.play(job.name)
            elif state is State.SCHEDULED:
                progress.record(job.name, State.PENDING)
        wave = tuple(job for job in chosen.jobs if progress.state(job.name) is State.PENDING)
        if not wave:
            break
        waves.append(wave)
        for job in wave:
            started.add(job.name)
            progress.record(job.name, State.RUNNING)
        for job in wave:
            progress.record(job.name, State.SUCCESS)
    return tuple(waves), tuple(job for job in chosen.jobs if job.name not in started)
