"""Keeps the record of a run and tells its story: every event goes to the run store first, then to the listener."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.jobs.redactor import Redactor
from plumbline.flow.jobs.tools import JOB_IDS_PER_RUN
from plumbline.kernel import Text
from plumbline.model.job import JobResult, State
from plumbline.model.pipeline import Plan
from plumbline.model.run import JobRecord, RunEvent, RunEventKind, RunRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.flow.jobs.pipeline_run import PipelineRun
    from plumbline.flow.jobs.tools import Tools
    from plumbline.model.pipeline import Job


class Reporter:
    """Opens the run's record when it is made, and closes it with :meth:`finish`."""

    def __init__(self, tools: Tools, plan: Plan, listen: Callable[[RunEvent], None]) -> None:
        change, asked = plan.change, tools.asked
        self._tools = tools
        self._listen = listen
        self._count = 0
        hide = self._secrecy = Redactor(asked.variables)
        self.record = tools.runs.create(
            RunRecord(
                project=change.project.path,
                name=hide.text(plan.workflow.name),
                event=change.event.value,
                ref=change.ref,
                sha=change.sha,
                dirty=asked.dirty,
                state=State.RUNNING,
                created=tools.clock(),
                stages=plan.stages,
                variables=tuple((v.name, "[MASKED]" if v.masked else hide.text(v.value)) for v in asked.variables),
            )
        )

    def finish(self, state: State) -> None:
        """The end of the run; its record is whole from here on."""
        record = self.record
        record.finished = self._tools.clock()
        record.state = state
        self._tools.runs.save(record)
        self._tell(
            RunEvent(
                kind=RunEventKind.RUN_FINISHED,
                time=record.finished,
                run=record.id,
                pipeline=1,
                state=state,
                duration=record.duration,
            )
        )

    def add_job(self, pipeline: PipelineRun, job: Job, attempt: int = 1) -> JobRecord:
        """A record for one attempt at a job."""
        self._count += 1
        record = JobRecord(
            id=self.record.id * JOB_IDS_PER_RUN + self._count,
            name=job.name,
            group=job.group,
            stage=job.stage,
            attempt=attempt,
            needs=None if job.needs is None else tuple(need.job for need in job.needs),
        )
        pipeline.add_record(record)
        self.record.jobs.append(record)
        return record

    def note(self, pipeline: PipelineRun, job: Job, record: JobRecord, result: JobResult) -> None:
        """What is known of an attempt once it has ended."""
        record.state = result.state
        record.finished = result.finished or self._tools.clock()
        record.started = result.started or record.started
        record.exit_code = result.exit_code
        record.reason = result.reason
        hide = self._secrecy
        record.message = hide.text(str(result.message)) if result.message else ""
        record.coverage = result.coverage
        record.timings = result.timings
        record.kept = hide.kept(result.kept)
        record.caches = hide.caches(result.caches)
        record.warnings = tuple(hide.text(str(warning)) for warning in result.warnings)
        pipeline.note_result(job, record, result)

    def pipeline_started(self, pipeline: PipelineRun) -> None:
        self._tell(self._event(RunEventKind.RUN_STARTED, pipeline))

    def job_started(self, pipeline: PipelineRun, record: JobRecord) -> None:
        self._tell(self._event(RunEventKind.TASK_STARTED, pipeline, record))

    def job_changed(self, pipeline: PipelineRun, record: JobRecord, message: Text | None = None) -> None:
        """Any other change of state."""
        message = self._secrecy.message(message)
        self._tell(self._event(RunEventKind.TASK_STATE, pipeline, record, message=message))

    def job_finished(
        self, pipeline: PipelineRun, record: JobRecord, result: JobResult, message: Text | None = None
    ) -> None:
        """The end of an attempt; ``message`` says more than the result does."""
        event = self._event(
            RunEventKind.TASK_FINISHED,
            pipeline,
            record,
            reason=result.reason,
            message=self._secrecy.message(message or result.message),
            exit_code=result.exit_code,
            duration=record.duration,
            coverage=result.coverage,
            allowed_failure=record.allow_failure,
        )
        self._tell(event)

    def job_wrote(self, pipeline: PipelineRun, record: JobRecord, data: bytes) -> None:
        """Output of a job, for the listener alone; comes from the thread that runs it."""
        self._listen(self._event(RunEventKind.TASK_LOG, pipeline, record, log=data))

    def notice(self, message: Text) -> None:
        """Something a person should know."""
        now = self._tools.clock()
        hidden = self._secrecy.message(message)
        self._tell(RunEvent(kind=RunEventKind.NOTICE, time=now, run=self.record.id, message=hidden))

    def _event(
        self, kind: RunEventKind, pipeline: PipelineRun, record: JobRecord | None = None, **values: object
    ) -> RunEvent:
        if record is not None:
            values |= {
                "job": record.name,
                "job_id": record.id,
                "stage": record.stage,
                "attempt": record.attempt,
                "state": record.state,
            }
        now = self._tools.clock()
        return RunEvent(kind=kind, time=now, run=self.record.id, pipeline=pipeline.id, **values)  # type: ignore[arg-type]

    def _tell(self, event: RunEvent) -> None:
        self._tools.runs.append(event)
        self._listen(event)
