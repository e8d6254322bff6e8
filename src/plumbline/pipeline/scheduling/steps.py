"""The jobs of a pipeline as scheduling knows them, and how they hang together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.model.job import State, When
from plumbline.pipeline.scheduling.summary import Tally, kinds, need_kinds

if TYPE_CHECKING:
    from plumbline.model.pipeline import Job


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What scheduling knows of a job. Needs that are optional and absent are left out already; a cycle among needs
    has been refused already (its jobs would stay created)."""

    name: str
    stage: int  # from 0
    needs: tuple[str, ...] | None = None  # None: all jobs of all earlier stages; (): starts at once
    when: When = When.ON_SUCCESS
    allow_failure: bool = False


def step_of(job: Job) -> Step:
    """What scheduling knows of a planned job. Failures that only some exit codes allow are told when they happen."""
    needs = None if job.needs is None else tuple(n.job for n in job.needs if not n.pipeline and not n.project)
    return Step(
        name=job.name,
        stage=job.stage_index,
        needs=needs,
        when=job.when,
        allow_failure=job.allow_failure.allowed and not job.allow_failure.exit_codes,
    )


class Transition(NamedTuple):
    """A job went from one state to another."""

    name: str
    before: State
    after: State


class Node:
    """A job in its graph. ``kind`` is what it counts as in a summary, ``need`` the same for those who need it."""

    __slots__ = ("allowed", "dependents", "kind", "name", "need", "needs", "place", "state", "step", "tally")

    def __init__(self, step: Step, place: int, state: State, allowed: bool) -> None:
        self.step = step
        self.name = step.name
        self.place = place  # of its stage, among the stages that have a job
        self.state = state
        self.allowed = allowed  # its failure is a warning
        self.kind = kinds(allowed)[state]
        self.need = need_kinds(allowed)[state]
        self.needs: tuple[Node, ...] | None = None
        self.dependents: list[Node] = []
        self.tally = Tally()  # of its needs


class Stage:
    """A stage that has a job."""

    __slots__ = ("created", "nodes", "tally", "waiting")

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.tally = Tally()
        self.created = 0  # jobs in that state
        self.waiting = 0  # those of them that go by stages
