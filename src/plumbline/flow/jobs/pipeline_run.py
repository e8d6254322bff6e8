"""One pipeline while it runs: its plan, its state machine, and the newest record of each of its jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from plumbline.flow.jobs.selection import hands_over
from plumbline.model.job import State
from plumbline.model.pipeline import Job, Plan
from plumbline.model.run import JobRecord
from plumbline.pipeline import Scope, progress_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.jobs.tools import JobEnvironment, PipelineTools
    from plumbline.model.job import JobResult
    from plumbline.model.pipeline import Variable


__all__ = ["PIPELINE_IDS_PER_RUN", "Elsewhere", "Family", "PipelineRun", "Producer"]
PIPELINE_IDS_PER_RUN = 1_000


class Producer(NamedTuple):
    """A finished job that left something for later ones."""

    position: int  # of the job in its plan
    name: str
    group: str
    job_id: int
    archive: bool
    dotenv: tuple[Variable, ...]
    gone: bool = False  # its archive is, since its time was over


class Elsewhere(Protocol):
    """What jobs of other pipelines left. Both answer with nothing where no such job has succeeded."""

    def in_pipeline(self, number: str, job: str) -> Sequence[Producer]:
        """Of a pipeline of the same family: those that a trigger job of one of them started, and the root."""
        ...

    def in_project(self, path: str, ref: str, job: str) -> Sequence[Producer]:
        """Of the newest pipeline of a ref of another project in which the job succeeded. Raises PlumblineError where
        the project is out of reach."""
        ...


class PipelineRun:
    """A root pipeline, or one that a trigger job started (then ``parent`` is that job's record)."""

    def __init__(
        self,
        number: int,
        run: int,
        plan: Plan,
        tools: PipelineTools,
        equipment: JobEnvironment,
        *,
        parent: JobRecord | None = None,
        depth: int = 0,
    ) -> None:
        self.id = number  # inside the run; 1 is the root
        self.number = run * PIPELINE_IDS_PER_RUN + number  # CI_PIPELINE_ID
        self.iid = 0  # CI_PIPELINE_IID, where the pipeline has a number inside its project
        self.home = ""  # the address of the server that shows it, where one does
        self.given: tuple[Variable, ...] = ()  # what the next job is handed by whoever shows the pipeline
        self.plan = plan
        self.tools = tools
        self.equipment = equipment
        self.parent = parent
        self.depth = depth
        self.jobs: dict[str, Job] = {job.name: job for job in plan.jobs}
        self._positions = {job.name: position for position, job in enumerate(plan.jobs)}
        self.scope = Scope(plan.variables, protected=plan.change.protected)
        self.records: dict[str, JobRecord] = {}
        self.producers: dict[str, Producer] = {}
        self.borrowed: dict[str, list[Producer]] = {}  # what jobs of an earlier run left, by the job that wants it
        self.elsewhere: Elsewhere = Family(())
        self.progress = progress_of(plan)

    def add_record(self, record: JobRecord) -> None:
        """A new job, or a new attempt at one; the newest counts."""
        record.pipeline = self.id
        self.records[record.name] = record

    def note_result(self, job: Job, record: JobRecord, result: JobResult, *, gone: bool = False) -> None:
        """Remember what the job left for those after it; ``gone``: its files are not there any more."""
        archive = any(kept.kind == "archive" for kept in result.kept)
        if archive or result.dotenv:
            self.producers[job.name] = Producer(
                self._positions[job.name], job.name, job.group, record.id, archive, result.dotenv, gone
            )

    def left_by(self, name: str) -> list[Producer]:
        """What the jobs of this name (or the instances of one of this name) left that have succeeded."""
        done = [r for r in self.records.values() if name in (r.name, self.jobs[r.name].group)]
        done = [record for record in done if record.state is State.SUCCESS]
        nothing = (Producer(self._positions[r.name], r.name, r.group, r.id, False, ()) for r in done)
        return sorted(self.producers.get(producer.name, producer) for producer in nothing)

    def sources_of(self, job: Job) -> Sequence[Producer]:
        """The finished jobs whose artifacts and dotenv variables this job is handed, in pipeline order.

        ``dependencies`` name them; else ``needs`` with ``artifacts: true``; else all of earlier stages.
        """
        found = [p for p in self.producers.values() if hands_over(self.jobs[p.name], job)]
        found += self.borrowed.get(job.name, ())
        return sorted(found)

    @property
    def state(self) -> State:
        return self.progress.state_of_pipeline


class Family:
    """The pipelines of one run: what one of them may need of another."""

    def __init__(self, pipelines: Sequence[PipelineRun]) -> None:
        self._pipelines = pipelines

    def in_pipeline(self, number: str, job: str) -> list[Producer]:
        """What a job of one of them left."""
        found = next((pipeline for pipeline in self._pipelines if str(pipeline.number) == number), None)
        return found.left_by(job) if found is not None else []

    def in_project(self, path: str, ref: str, job: str) -> list[Producer]:
        """Nothing: other projects have no pipelines here."""
        del path, ref, job
        return []
