"""The loop around the state machines of a run: decides nothing that the plan and the machine do not say."""

from __future__ import annotations

import heapq
from collections import deque
from itertools import count
from queue import Empty
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.flow.jobs.control import Cancel, Control, Done, Message, Play
from plumbline.flow.jobs.downstream import downstream_plan, not_created
from plumbline.flow.jobs.job_log import FileLog
from plumbline.flow.jobs.order_job import not_started, order_job
from plumbline.flow.jobs.pipeline_run import Family, PipelineRun, Producer
from plumbline.flow.jobs.workers import Workers
from plumbline.flow.runs.held_groups import HeldGroups
from plumbline.flow.runs.not_honoured import not_honoured, shortlist
from plumbline.kernel import PlumblineError, t
from plumbline.model.job import FINISHED, FailureReason, JobResult, State
from plumbline.model.pipeline import Job, Plan
from plumbline.model.run import JobRecord, RunRecord
from plumbline.pipeline import Attempt, ending_of, mirrored, waits_for_downstream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.flow.jobs.selection import Selection
    from plumbline.flow.jobs.tools import CancelHandle, JobEnvironment, PipelineTools, Tools
    from plumbline.flow.runs.reporter import Reporter
    from plumbline.kernel import Text
    from plumbline.pipeline import Transition

_LOCK_POLL = 0.25  # seconds between looks at a resource group that another run holds
_LOOK = 5.0  # seconds between looks whether the threads of running jobs are there


class Ready(NamedTuple):
    """A job that may start as soon as there is a thread for it (and its resource group is free)."""

    pipeline: PipelineRun
    job: Job


class Running(NamedTuple):
    """A job that a thread is running."""

    pipeline: PipelineRun
    job: Job
    record: JobRecord
    log: FileLog
    cancel: CancelHandle


class Conductor:
    """Runs one plan, and the pipelines it triggers, to their end. ``running`` may be looked at by a display."""

    def __init__(
        self,
        tools: Tools,
        selection: Selection,
        control: Control,
        reporter: Reporter,
        *,
        follow_logs: bool = False,
    ) -> None:
        self._tools = tools
        self._selection = selection
        self._control = control
        self._report = reporter
        self._follow_logs = follow_logs
        self._workers = Workers(tools.asked.jobs, control.inbox, tools.read_reports)
        self._ready: deque[Ready] = deque()
        self._timers: list[tuple[float, int, PipelineRun, str]] = []
        self._ticket = count()
        self._groups = HeldGroups(tools.locks, tools.change.project.path)
        self._canceled = 0
        self.borrowed: dict[str, list[Producer]] = {}  # for jobs of the root whose sources are not part of the run
        self.running: dict[int, Running] = {}
        self.pipelines: list[PipelineRun] = []

    @property
    def record(self) -> RunRecord:
        return self._report.record

    def run(self, plan: Plan) -> RunRecord:
        """Until nothing is running, nothing can start, and nobody wants to play a manual job."""
        state = State.FAILED
        try:
            root = self._add_pipeline(plan, self._tools)
            root.borrowed = self.borrowed
            self._report.pipeline_started(root)
            self._take(root, root.progress.start())
            while self._turn():
                pass
            state = self._verdict(root)
        finally:
            self._end_all()
            self._report.finish(state)
        return self.record

    def _turn(self) -> bool:
        self._start_ready()
        self._workers.look()
        if not self.running and not self._timers and all(self._groups.holds(*one) for one in self._ready):
            return self._play_manual() or self._end_stuck()
        try:
            message = self._control.inbox.get(timeout=self._patience())
        except Empty:
            self._ring_timers()
            return True
        self._dispatch(message)
        return True

    def _dispatch(self, message: Message) -> None:
        if isinstance(message, Done):
            self._job_done(self.running.pop(message.job_id), message)
        elif isinstance(message, Cancel):
            self._cancel_all(message.level)
        elif isinstance(message, Play):
            self._play(self.pipelines[0], message.job)

    def _patience(self) -> float | None:
        """Seconds until something is due without a message."""
        waits = [max(0.0, self._timers[0][0] - self._tools.clock())] if self._timers else []
        if self.running:  # their threads are looked at
            waits.append(_LOOK)
        if self._ready and self._workers.free:  # held back by a resource group of another run
            waits.append(_LOCK_POLL)
        return min(waits, default=None)

    def _verdict(self, root: PipelineRun) -> State:
        """The state of the run when nothing happens any more."""
        if self._canceled and any(record.state is State.CANCELED for record in self.record.jobs):
            return State.CANCELED
        for pipeline in self.pipelines:
            parent = pipeline.parent
            if parent is not None and parent.state is State.RUNNING:
                parent.state = State.MANUAL
                parent.message = str(t("the downstream pipeline waits for somebody to start a manual job"))
        return root.state if root.state in FINISHED else State.MANUAL

    def _end_all(self) -> None:
        for running in self.running.values():
            running.cancel.cancel(2)
        self._workers.close()
        self._groups.close()
        for equipment in {id(p.equipment): p.equipment for p in self.pipelines}.values():
            equipment.close()

    # -- pipelines ------------------------------------------------------------------------------------------------

    def _add_pipeline(
        self, plan: Plan, tools: PipelineTools, parent: JobRecord | None = None, depth: int = 0
    ) -> PipelineRun:
        number, run = len(self.pipelines) + 1, self.record.id
        for one in not_honoured(plan):
            what = t("{keyword} ({jobs}): {note}", keyword=one.path, jobs=shortlist(one.jobs), note=one.note)
            self._report.notice(what)
        pipeline = PipelineRun(number, run, plan, tools, self._equip(tools), parent=parent, depth=depth)
        self.pipelines.append(pipeline)
        pipeline.elsewhere = Family(self.pipelines)
        for job in plan.jobs:
            self._report.add_job(pipeline, job)
        return pipeline

    def _equip(self, tools: PipelineTools) -> JobEnvironment:
        """One set for each project that takes part."""
        found = next((p.equipment for p in self.pipelines if p.tools is tools), None)
        if found is None:
            found = tools.job_environment(self.record.id)
            for notice in found.notices:
                self._report.notice(notice)
        return found

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
            elif after is State.CANCELING and record.id in self.running:
                self.running[record.id].cancel.cancel(1)
            if after not in (State.RUNNING, State.SUCCESS, State.FAILED):
                self._report.job_changed(pipeline, record)
            if after is State.MANUAL and self._selection.plays(pipeline.jobs[name]):
                self._play(pipeline, name)

    def _settle(self, pipeline: PipelineRun) -> None:
        """A pipeline that came to its end ends the trigger job that waits for it."""
        parent = pipeline.parent
        if parent is None or not pipeline.progress.ended:
            return
        result = mirrored(parent.state, pipeline.state)
        if result is not None:
            above = next(p for p in self.pipelines if p.records.get(parent.name) is parent)
            self._end(above, above.jobs[parent.name], parent, result)

    # -- starting jobs --------------------------------------------------------------------------------------------

    def _start_ready(self) -> None:
        """Start what may start, oldest first; a job that waits for its resource group does not hold others back."""
        waiting: deque[Ready] = deque()
        while self._ready:
            ready = self._ready.popleft()
            record = ready.pipeline.records[ready.job.name]
            if record.state not in (State.PENDING, State.WAITING_FOR_RESOURCE):
                continue
            if ready.job.trigger is None and not self._workers.free:
                waiting.append(ready)
                if not any(other.job.trigger for other in self._ready):
                    break
                continue
            try:
                taken = self._groups.take(*ready)
            except PlumblineError as error:
                self._mark_started(ready.pipeline, ready.job)
                self._end(ready.pipeline, ready.job, record, not_started(error))
                continue
            if not taken:
                self._tell_waiting(ready, record)
                waiting.append(ready)
            elif ready.job.trigger is not None:
                self._start_downstream(ready.pipeline, ready.job)
            else:
                self._start(ready.pipeline, ready.job)
        waiting.extend(self._ready)
        self._ready = waiting

    def _tell_waiting(self, ready: Ready, record: JobRecord) -> None:
        if record.state is not State.WAITING_FOR_RESOURCE:
            record.state = State.WAITING_FOR_RESOURCE
            self._report.job_changed(ready.pipeline, record, _waits(ready.job))

    def _end_stuck(self) -> bool:
        """Nothing can happen any more: jobs that wait for a resource group whose holder waits for them have failed."""
        if any(pipeline.state is State.MANUAL for pipeline in self.pipelines):
            return False
        stuck, self._ready = self._ready, deque()
        for pipeline, job in stuck:
            result = JobResult(state=State.FAILED, reason=FailureReason.STUCK, message=_waits(job))
            self._end(pipeline, job, pipeline.records[job.name], result)
        return bool(stuck)

    def _start(self, pipeline: PipelineRun, job: Job) -> None:
        record = self._mark_started(pipeline, job)
        try:
            order = order_job(pipeline, job, record, now=record.started)
            file = self._tools.runs.open_log(self.record.id, record.id)
        except PlumblineError as error:
            self._end(pipeline, job, record, not_started(error))
            return
        report = self._report
        follow = (lambda data: report.job_wrote(pipeline, record, data)) if self._follow_logs else None
        log = FileLog(file, follow)
        cancel = self._tools.new_cancellation()
        self.running[record.id] = Running(pipeline, job, record, log, cancel)
        self._workers.start(pipeline.equipment.executor, order, log, cancel)

    def _mark_started(self, pipeline: PipelineRun, job: Job) -> JobRecord:
        record = pipeline.records[job.name]
        record.started = self._tools.clock()
        record.state = State.RUNNING
        if pipeline.progress.state(record.name) is State.PENDING:  # a retried job is running to the state machine
            pipeline.progress.record(record.name, State.RUNNING)
        self._report.job_started(pipeline, record)
        return record

    def _start_downstream(self, pipeline: PipelineRun, job: Job) -> None:
        record = self._mark_started(pipeline, job)
        try:
            plan, tools = downstream_plan(pipeline, job)
            child = self._add_pipeline(plan, tools, parent=record, depth=pipeline.depth + 1)
        except PlumblineError as error:
            self._end(pipeline, job, record, not_created(error))
            return
        record.downstream = child.id
        self._report.pipeline_started(child)
        if not waits_for_downstream(job):
            self._end(pipeline, job, record, JobResult(state=State.SUCCESS))
        self._take(child, child.progress.start())
        self._settle(child)

    # -- ending jobs ----------------------------------------------------------------------------------------------

    def _job_done(self, running: Running, done: Done) -> None:
        self._workers.finished()
        result = done.result
        if not done.abandoned:
            running.cancel.close()
            running.log.close()
        if (lost := running.log.failed) is not None:
            warning = t("the log is not whole: {reason}", reason=lost.strerror or repr(lost))
            result = msgspec.structs.replace(result, warnings=(*result.warnings, warning))
        running.record.reported = tuple(str(line) for line in done.reports.lines)
        self._end(running.pipeline, running.job, running.record, result)

    def _end(self, pipeline: PipelineRun, job: Job, record: JobRecord, result: JobResult) -> None:
        """An attempt ended. It is followed by another where it may be, else by whatever comes after the job."""
        attempt = Attempt(record.attempt, canceling=pipeline.progress.state(job.name) is State.CANCELING)
        result, record.allow_failure, again, _ = ending_of(job, attempt, result)
        self._groups.release(record.id)
        self._report.note(pipeline, job, record, result)
        self._report.job_finished(pipeline, record, result, t("failed, and will run again") if again else None)
        if again:
            fresh = self._report.add_job(pipeline, job, record.attempt + 1)
            fresh.state = State.PENDING
            fresh.queued = self._tools.clock()
            self._ready.append(Ready(pipeline, job))
            return
        self._take(pipeline, pipeline.progress.record(job.name, result.state, allowed=record.allow_failure))
        self._settle(pipeline)

    # -- people and time ------------------------------------------------------------------------------------------

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
        while not self._control.inbox.empty():  # instead of an answer there may have been a signal
            self._dispatch(self._control.inbox.get())
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
        for pipeline in reversed(self.pipelines):
            self._settle(pipeline)

    def _schedule(self, pipeline: PipelineRun, job: Job) -> None:
        delay = 0.0 if self._selection.skip_delays else (job.start_in or 0.0)
        heapq.heappush(self._timers, (self._tools.clock() + delay, next(self._ticket), pipeline, job.name))

    def _ring_timers(self) -> None:
        now = self._tools.clock()
        while self._timers and self._timers[0][0] <= now:
            _, _, pipeline, name = heapq.heappop(self._timers)
            if pipeline.progress.state(name) is State.SCHEDULED:
                self._take(pipeline, pipeline.progress.enqueue_scheduled(name))


def _waits(job: Job) -> Text:
    return t("waits for the resource group '{group}'", group=job.resource_group)
