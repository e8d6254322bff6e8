"""Run a pipeline to its end: start every job the moment it may, on as many threads as were asked for."""

from __future__ import annotations

import heapq
from collections import deque
from queue import Empty
from typing import TYPE_CHECKING, NamedTuple

from plumbline.flow.bridge import downstream_plan
from plumbline.flow.control import Cancel, Control, Done, Play
from plumbline.flow.job_log import FileLog
from plumbline.flow.order_job import order_job
from plumbline.flow.pipeline_run import PipelineRun
from plumbline.flow.retry import may_retry
from plumbline.flow.selection import Selection, select
from plumbline.flow.workers import Workers
from plumbline.kernel import PlumblineError, Text, t
from plumbline.model import (
    FailureReason,
    Job,
    JobRecord,
    JobResult,
    Plan,
    RunEvent,
    RunEventKind,
    RunRecord,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from plumbline.flow.tools import CancelHandle, Equipment, Tools
    from plumbline.pipeline import Transition

JOB_IDS_PER_RUN = 100_000  # job ids are run id * this + a count, unique in the run store
_LOCK_POLL = 0.25  # seconds between looks at a resource group that another run holds


class Ready(NamedTuple):
    """A job that may start as soon as there is a thread for it (and its resource group is free)."""

    pipeline: PipelineRun
    job: Job


class Running(NamedTuple):
    pipeline: PipelineRun
    job: Job
    record: JobRecord
    log: FileLog
    cancel: CancelHandle
    release: Callable[[], None]  # of its resource group


def run_pipeline(
    tools: Tools,
    plan: Plan,
    selection: Selection,
    listen: Callable[[RunEvent], None],
    control: Control,
    *,
    follow_logs: bool = False,
    on_start: Callable[[Conductor], None] | None = None,
) -> RunRecord:
    """Run the selected jobs of a plan; blocks until nothing can happen without a person.

    ``listen`` is called in this thread for every event, except for ``taskrun.log`` events (only with
    ``follow_logs``), which come from the threads that run the jobs. The record is saved in the run store.
    Raises PlumblineError when the selection names what is not there, or when the run store cannot be written.
    """
    conductor = Conductor(tools, select(plan, selection), selection, listen, control, follow_logs=follow_logs)
    if on_start is not None:
        on_start(conductor)
    return conductor.run()


class Conductor:
    """The loop around the state machines: decides nothing about jobs that the plan and the machine do not say."""

    def __init__(
        self,
        tools: Tools,
        plan: Plan,
        selection: Selection,
        listen: Callable[[RunEvent], None],
        control: Control,
        *,
        follow_logs: bool = False,
    ) -> None:
        self._tools = tools
        self._selection = selection
        self._listen = listen
        self._control = control
        self._follow_logs = follow_logs
        self._workers = Workers(tools.asked.jobs, control.inbox)
        self._ready: deque[Ready] = deque()
        self._timers: list[tuple[float, int, PipelineRun, str]] = []
        self._groups: set[str] = set()  # resource groups in use by this run
        self._canceled = 0
        self._count = 0
        self.running: dict[int, Running] = {}
        self.pipelines: list[PipelineRun] = []
        self.record = self._begin(plan)
        self._add_pipeline(plan, tools)

    # -- life of the run ------------------------------------------------------------------------------------------

    def _begin(self, plan: Plan) -> RunRecord:
        change, asked = plan.change, self._tools.asked
        record = RunRecord(
            project=change.project.path,
            name=plan.workflow.name,
            event=change.event.value,
            ref=change.ref,
            sha=change.sha,
            dirty=asked.dirty,
            state=State.CREATED,
            created=self._tools.clock(),
            stages=plan.stages,
            variables=tuple((v.name, "[MASKED]" if v.masked else v.value) for v in asked.variables),
        )
        return self._tools.runs.create(record)

    def run(self) -> RunRecord:
        """Until nothing is running, nothing can start, and nobody wants to play a manual job."""
        record = self.record
        record.state = State.RUNNING
        self._emit(RunEventKind.RUN_STARTED, self.pipelines[0])
        try:
            self._take(self.pipelines[0], self.pipelines[0].progress.start())
            while self._turn():
                pass
        finally:
            self._finish()
        return record

    def _turn(self) -> bool:
        self._start_ready()
        if not self.running and not self._timers and not self._ready:
            return self._play_manual()
        try:
            message = self._control.inbox.get(timeout=self._patience())
        except Empty:
            self._ring_timers()
            return True
        if isinstance(message, Done):
            self._job_done(self.running.pop(message.job_id), message.result)
        elif isinstance(message, Cancel):
            self._cancel_all(message.level)
        elif isinstance(message, Play):
            self._play(self.pipelines[0], message.job)
        return True

    def _patience(self) -> float | None:
        """Seconds until something is due without a message."""
        waits = [max(0.0, self._timers[0][0] - self._tools.clock())] if self._timers else []
        if self._ready and self._workers.free:  # held back by a resource group of another run
            waits.append(_LOCK_POLL)
        return min(waits, default=None)

    def _finish(self) -> None:
        for running in self.running.values():
            running.cancel.cancel(2)
        self._workers.close()
        for equipment in {id(p.equipment): p.equipment for p in self.pipelines}.values():
            equipment.close()
        root = self.pipelines[0]
        self.record.finished = self._tools.clock()
        self.record.state = State.CANCELED if self._canceled and root.state is not State.SUCCESS else root.state
        self._tools.runs.save(self.record)
        self._emit(
            RunEventKind.RUN_FINISHED,
            root,
            state=self.record.state,
            duration=self.record.finished - self.record.created,
        )

    # -- pipelines ------------------------------------------------------------------------------------------------

    def _add_pipeline(self, plan: Plan, tools: Tools, parent: JobRecord | None = None, depth: int = 0) -> PipelineRun:
        pipeline = PipelineRun(
            len(self.pipelines) + 1,
            self.record.id,
            plan,
            tools,
            self._equip(tools),
            parent=parent,
            depth=depth,
        )
        self.pipelines.append(pipeline)
        for job in plan.jobs:
            self._add_record(pipeline, job)
        return pipeline

    def _equip(self, tools: Tools) -> Equipment:
        """One set for each project that takes part."""
        found = next((p.equipment for p in self.pipelines if p.tools is tools), None)
        if found is None:
            found = tools.equip(self.record.id)
            for notice in found.notices:
                self._tell(
                    RunEvent(kind=RunEventKind.NOTICE, time=self._tools.clock(), run=self.record.id, message=notice)
                )
        return found

    def _add_record(self, pipeline: PipelineRun, job: Job, attempt: int = 1) -> JobRecord:
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

    def _take(self, pipeline: PipelineRun, transitions: Iterable[Transition]) -> None:
        """Act on what the state machine decided."""
        for name, _, after in transitions:
            record = pipeline.records[name]
            if record.state is after:
                continue
            record.state = after
            if after is State.PENDING:
                record.queued = self._tools.clock()
                self._ready.append(Ready(pipeline, pipeline.jobs[name]))
            elif after is State.SCHEDULED:
                self._schedule(pipeline, pipeline.jobs[name])
            elif after is State.CANCELING:
                self._cancel_job(record, 1)
            if after not in (State.RUNNING, State.SUCCESS, State.FAILED):
                self._emit(RunEventKind.TASK_STATE, pipeline, record)
            if after is State.MANUAL and self._selection.plays(pipeline.jobs[name]):
                self._play(pipeline, name)

    def _settle(self, pipeline: PipelineRun) -> None:
        """A pipeline that came to its end ends the trigger job that waits for it."""
        parent = pipeline.parent
        if parent is None or parent.state is not State.RUNNING or not pipeline.progress.finished:
            return
        above = next(p for p in self.pipelines if p.records.get(parent.name) is parent)
        state = State.SUCCESS if pipeline.state in (State.SUCCESS, State.SKIPPED) else State.FAILED
        if pipeline.state is State.CANCELED:
            state = State.CANCELED
        reason = None if state is State.SUCCESS else FailureReason.UNKNOWN
        message = (
            None if state is State.SUCCESS else t("The downstream pipeline ended as {state}.", state=pipeline.state)
        )
        self._end(above, above.jobs[parent.name], parent, JobResult(state=state, reason=reason, message=message))

    # -- starting jobs --------------------------------------------------------------------------------------------

    def _start_ready(self) -> None:
        """Start what may start, oldest first; a job that waits for its resource group does not hold others back."""
        waiting: deque[Ready] = deque()
        while self._ready:
            ready = self._ready.popleft()
            if ready.pipeline.records[ready.job.name].state not in (State.PENDING, State.WAITING_FOR_RESOURCE):
                continue
            if ready.job.trigger is not None:
                self._start_downstream(ready.pipeline, ready.job)
            elif self._workers.free and (release := self._take_group(ready)) is not None:
                self._start(ready.pipeline, ready.job, release)
            else:
                waiting.append(ready)
                if not self._workers.free and not self._has_bridge():
                    break
        waiting.extend(self._ready)
        self._ready = waiting

    def _has_bridge(self) -> bool:
        return any(ready.job.trigger is not None for ready in self._ready)

    def _take_group(self, ready: Ready) -> Callable[[], None] | None:
        group = ready.job.resource_group
        if not group:
            return _nothing
        lock = None if group in self._groups else self._tools.locks.acquire(group)
        if lock is None:
            record = ready.pipeline.records[ready.job.name]
            if record.state is not State.WAITING_FOR_RESOURCE:
                record.state = State.WAITING_FOR_RESOURCE
                message = t("waits for the resource group '{group}'", group=group)
                self._emit(RunEventKind.TASK_STATE, ready.pipeline, record, message=message)
            return None
        self._groups.add(group)

        def release() -> None:
            self._groups.discard(group)
            lock()

        return release

    def _start(self, pipeline: PipelineRun, job: Job, release: Callable[[], None]) -> None:
        record = pipeline.records[job.name]
        self._mark_started(pipeline, record)
        try:
            order = order_job(pipeline, job, record, now=record.started)
            file = self._tools.runs.open_log(self.record.id, record.id)
        except PlumblineError as error:
            release()
            result = JobResult(state=State.FAILED, reason=FailureReason.RUNNER_SYSTEM, message=error.message)
            self._end(pipeline, job, record, result)
            return
        log = FileLog(file, self._follower(pipeline, record))
        cancel = self._tools.new_cancellation()
        self.running[record.id] = Running(pipeline, job, record, log, cancel, release)
        self._workers.start(pipeline.equipment.executor, order, log, cancel)

    def _mark_started(self, pipeline: PipelineRun, record: JobRecord) -> None:
        record.started = self._tools.clock()
        record.state = State.RUNNING
        if pipeline.progress.state(record.name) is State.PENDING:  # a retried job is running to the state machine
            pipeline.progress.record(record.name, State.RUNNING)
        self._emit(RunEventKind.TASK_STARTED, pipeline, record)

    def _follower(self, pipeline: PipelineRun, record: JobRecord) -> Callable[[bytes], None] | None:
        if not self._follow_logs:
            return None

        def follow(data: bytes) -> None:
            self._listen(self._event(RunEventKind.TASK_LOG, pipeline, record, log=data))

        return follow

    def _start_downstream(self, pipeline: PipelineRun, job: Job) -> None:
        record = pipeline.records[job.name]
        self._mark_started(pipeline, record)
        try:
            plan, tools = downstream_plan(pipeline, job)
        except PlumblineError as error:
            result = JobResult(state=State.FAILED, reason=FailureReason.DOWNSTREAM, message=error.message)
            self._end(pipeline, job, record, result)
            return
        child = self._add_pipeline(plan, tools, parent=record, depth=pipeline.depth + 1)
        record.downstream = child.id
        if not (job.trigger and job.trigger.strategy):
            self._end(pipeline, job, record, JobResult(state=State.SUCCESS))
        self._emit(RunEventKind.RUN_STARTED, child)
        self._take(child, child.progress.start())
        self._settle(child)

    # -- ending jobs ----------------------------------------------------------------------------------------------

    def _job_done(self, running: Running, result: JobResult) -> None:
        self._workers.finished()
        running.release()
        running.cancel.close()
        running.log.close()
        pipeline, job, record = running.pipeline, running.job, running.record
        if may_retry(job, record, result) and not self._canceled and record.state is State.RUNNING:
            self._note(pipeline, job, record, result)
            self._emit_finished(pipeline, record, result, message=t("failed, and will run again"))
            again = self._add_record(pipeline, job, record.attempt + 1)
            again.state = State.PENDING
            again.queued = self._tools.clock()
            self._ready.append(Ready(pipeline, job))
            return
        self._end(pipeline, job, record, result)

    def _end(self, pipeline: PipelineRun, job: Job, record: JobRecord, result: JobResult) -> None:
        self._note(pipeline, job, record, result)
        record.allow_failure = job.allow_failure.allowed and (
            not job.allow_failure.exit_codes or result.exit_code in job.allow_failure.exit_codes
        )
        self._emit_finished(pipeline, record, result, message=result.message)
        self._take(pipeline, pipeline.progress.record(job.name, result.state, allowed=record.allow_failure))
        self._settle(pipeline)

    def _note(self, pipeline: PipelineRun, job: Job, record: JobRecord, result: JobResult) -> None:
        record.state = result.state
        record.finished = result.finished or self._tools.clock()
        record.started = result.started or record.started
        record.exit_code = result.exit_code
        record.reason = result.reason
        record.message = str(result.message) if result.message else ""
        record.coverage = result.coverage
        record.timings = result.timings
        record.kept = result.kept
        record.caches = result.caches
        record.warnings = tuple(str(warning) for warning in result.warnings)
        pipeline.note_result(job, record, result)

    # -- people ---------------------------------------------------------------------------------------------------

    def _play_manual(self) -> bool:
        """Nothing else can happen: ask which manual jobs to play. True when one was started."""
        if self._control.ask is None or self._canceled:
            return False
        waiting = [
            (p, job) for p in self.pipelines for job in p.plan.jobs if p.progress.state(job.name) is State.MANUAL
        ]
        if not waiting:
            return False
        chosen = set(self._control.ask([job for _, job in waiting]))
        played = [self._play(pipeline, job.name) for pipeline, job in waiting if job.name in chosen]
        return any(played)

    def _play(self, pipeline: PipelineRun, name: str) -> bool:
        if name not in pipeline.jobs or pipeline.progress.state(name) is not State.MANUAL:
            return False
        self._take(pipeline, pipeline.progress.play(name))
        return True

    def _cancel_all(self, level: int) -> None:
        self._canceled = max(level, self._canceled)
        for running in list(self.running.values()):
            running.cancel.cancel(level)
        self._timers.clear()
        for pipeline in self.pipelines:
            self._take(pipeline, pipeline.progress.cancel())
        ready, self._ready = self._ready, deque()
        for pipeline, job in ready:  # waiting for a second attempt: the state machine holds it for running
            if pipeline.progress.state(job.name) is State.CANCELING:
                self._end(pipeline, job, pipeline.records[job.name], JobResult(state=State.CANCELED))

    def _cancel_job(self, record: JobRecord, level: int) -> None:
        running = self.running.get(record.id)
        if running is not None:
            running.cancel.cancel(level)

    def _schedule(self, pipeline: PipelineRun, job: Job) -> None:
        delay = 0.0 if self._selection.skip_delays else (job.start_in or 0.0)
        heapq.heappush(self._timers, (self._tools.clock() + delay, len(self._timers), pipeline, job.name))

    def _ring_timers(self) -> None:
        now = self._tools.clock()
        while self._timers and self._timers[0][0] <= now:
            _, _, pipeline, name = heapq.heappop(self._timers)
            if pipeline.progress.state(name) is State.SCHEDULED:
                self._take(pipeline, pipeline.progress.record(name, State.PENDING))

    # -- events ---------------------------------------------------------------------------------------------------

    def _event(
        self, kind: RunEventKind, pipeline: PipelineRun, record: JobRecord | None = None, **values: object
    ) -> RunEvent:
        if record is not None:
            values = {
                "job": record.name,
                "job_id": record.id,
                "stage": record.stage,
                "attempt": record.attempt,
                "state": record.state,
                **values,
            }
        return RunEvent(kind=kind, time=self._tools.clock(), run=self.record.id, pipeline=pipeline.id, **values)  # type: ignore[arg-type]

    def _emit(
        self, kind: RunEventKind, pipeline: PipelineRun, record: JobRecord | None = None, **values: object
    ) -> None:
        self._tell(self._event(kind, pipeline, record, **values))

    def _tell(self, event: RunEvent) -> None:
        self._tools.runs.append(event)
        self._listen(event)

    def _emit_finished(
        self, pipeline: PipelineRun, record: JobRecord, result: JobResult, *, message: Text | None
    ) -> None:
        self._emit(
            RunEventKind.TASK_FINISHED,
            pipeline,
            record,
            reason=result.reason,
            message=message,
            exit_code=result.exit_code,
            duration=record.duration,
            coverage=result.coverage,
            allowed_failure=record.allow_failure and result.state is State.FAILED,
        )


def _nothing() -> None:
    """The release of a job without a resource group."""
