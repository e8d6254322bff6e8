"""The resource groups that the jobs of one run hold, beside those of other runs on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.model.server import ProcessMode
from plumbline.pipeline import may_take

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.flow.jobs.pipeline_run import PipelineRun
    from plumbline.flow.jobs.tools import Locks
    from plumbline.model.job import State
    from plumbline.model.pipeline import Job


class Contender(NamedTuple):
    """A job that asks for its resource group."""

    id: int
    pipeline: int
    state: State


class HeldGroups:
    """``project``: the path of the one that the run is of. A group is its project's own."""

    def __init__(self, locks: Locks, project: str) -> None:
        self._locks = locks
        self._project = project
        self._held: dict[str, tuple[int, Callable[[], None]]] = {}  # by which job, and how it is released

    def take(self, pipeline: PipelineRun, job: Job) -> bool:
        """False while another job has it. Raises PlumblineError where the lock cannot be written."""
        group, record = self._name(pipeline, job), pipeline.records[job.name]
        if not group:
            return True
        holder = self._held[group][0] if group in self._held else 0
        asking = Contender(record.id, pipeline.number, record.state)
        release = self._locks.acquire(group) if may_take(ProcessMode.UNORDERED, holder, asking) else None
        if release is None:
            return False
        self._held[group] = (record.id, release)
        return True

    def holds(self, pipeline: PipelineRun, job: Job) -> bool:
        """Whether a job of this run has the group of this one."""
        return self._name(pipeline, job) in self._held

    def release(self, job: int) -> None:
        """What a job holds, by its id, is free again."""
        for group, (holder, release) in list(self._held.items()):
            if holder == job:
                del self._held[group]
                release()

    def close(self) -> None:
        for holder, _ in list(self._held.values()):
            self.release(holder)

    def _name(self, pipeline: PipelineRun, job: Job) -> str:
        """Empty: the job has none."""
        project, group = pipeline.plan.change.project.path, job.resource_group
        return group if not group or project == self._project else f"{project}:{group}"
