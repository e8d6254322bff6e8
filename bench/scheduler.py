"""The state machine alone: every job of a pipeline from created to success."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.measure import CommandError, Figure, alternate, within
from plumbline.model.job import State
from plumbline.pipeline.scheduling.progress import Progress, Step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STAGES = 5


def _steps(count: int, needs: int) -> list[Step]:
    """With ``needs``, each job after the first stage needs that many of the stage before."""
    each = count // STAGES
    steps = []
    for number in range(count):
        stage = number // each
        first = (stage - 1) * each
        named = tuple(f"job{first + (number + n) % each}" for n in range(needs)) if needs and stage else None
        steps.append(Step(name=f"job{number}", stage=stage, needs=named))
    return steps


def _whole_run(steps: list[Step]) -> None:
    progress = Progress(steps)
    ready = [move.name for move in progress.start() if move.after is State.PENDING]
    for name in ready:  # grows while it is walked
        for state in (State.RUNNING, State.SUCCESS):
            ready += [move.name for move in progress.record(name, state) if move.after is State.PENDING]
    if len(ready) != len(steps) or progress.state_of_pipeline is not State.SUCCESS:
        raise CommandError(f"the scheduler ran {len(ready)} of {len(steps)} jobs")


def whole_runs(_scratch: Path) -> Iterator[Figure]:
    """1,000 jobs in 5 stages; and how it grows."""
    cases = [_steps(1000, 0), _steps(1000, 50), _steps(10_000, 0)]
    by_stage, by_needs, ten = alternate([partial(_whole_run, steps) for steps in cases], rounds=5)
    note = "created, pending, running, success for each; in this process, median of 5"
    yield within("schedule 1,000 jobs in 5 stages", "s", by_stage, 0.3, note)
    yield within("the same with 50 needs each", "s", by_needs, 0.3, note)
    yield Figure("schedule 10,000 jobs", "s", ten, by_stage, note="the ratio is to 1,000 jobs: ten is linear")
