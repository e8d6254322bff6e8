"""One pipeline inside one transaction: its jobs, its state machine, and every write that follows from a step. Rules:

1. What a job becomes is decided by the state machine and by the rules of scheduling; here it is written.
2. Every write is conditional on what was read, and stands in one transaction with its event.
3. An attempt ends once. It keeps its row for ever; a retry is a new row, and the newest stands for the job.
4. Whatever ends an attempt releases its resource group and its lease.
5. A pipeline that ended ends the trigger job that waits for it; a canceled trigger job cancels what it waits for. One
   that goes on after its end is waited for again.
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

import msgspec

from plumbline.access import job_settings
from plumbline.flow.pipelines.artifacts import ABANDONED, kept_artifacts
from plumbline.flow.pipelines.chains import origin_of, person_behind
from plumbline.flow.pipelines.deployments import begin_deployment, deploys, end_deployment, meaning_of
from plumbline.flow.pipelines.events import Made, PipelineEvents, ended_id, finished_id, subject_of
from plumbline.flow.pipelines.metrics_hook import Observed
from plumbline.kernel import t
from plumbline.model.job import FINISHED, RETRYABLE, FailureReason, JobResult, State
from plumbline.model.keeping import KeptKind, PendingDeletion
from plumbline.model.server import Pressed, StoredJob
from plumbline.pipeline import Attempt, chosen_inputs, ending_of, mirrored, progress_of, waits_for_downstream

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plumbline.evidence.vocabulary import Intent
    from plumbline.flow.pipelines.deployments import Meaning
    from plumbline.flow.pipelines.lineage import Descent
    from plumbline.flow.pipelines.tools import Server
    from plumbline.kernel import Text
    from plumbline.model.person import Person
    from plumbline.model.pipeline import Job, Plan
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredPipeline
    from plumbline.pipeline import Transition

SECOND = 1_000_000
NOTHING: Mapping[str, object] = MappingProxyType({})
_QUEUED = frozenset({State.PENDING, State.SCHEDULED})
_STOPPED = frozenset({State.CANCELING, State.CANCELED})
HELD = frozenset({State.RUNNING, State.CANCELING})


class PipelineTransition:
    """Opened, stepped and closed inside one transaction that writes; :meth:`close` writes the pipeline itself."""

    def __init__(self, server: Server, tx: Transaction, pipeline: StoredPipeline, person: Person | None = None) -> None:
        """``person``: who asked for what is done now; None: nobody did."""
        self._server = server
        self._tx = tx
        self._person = person
        self._by, self._who = (person.id, person.name) if person else (0, "")
        self.pipeline = pipeline
        self.now = server.clock()
        self.plan: Plan = server.plans.get(tx, pipeline.id)
        self.jobs: dict[str, Job] = {job.name: job for job in self.plan.jobs}
        self.newest: dict[str, StoredJob] = {}
        self._earlier: dict[str, StoredJob] = {}  # the attempt before the newest
        for job in tx.jobs.of(pipeline.id):
            if job.name in self.newest:
                self._earlier[job.name] = self.newest[job.name]
            self.newest[job.name] = job
        origin = origin_of(tx, server.source, pipeline)
        self.tell = PipelineEvents(pipeline, self.now, server.source, server.url, origin)
        self._given: dict[str, dict[str, object]] = {}  # inputs of the attempts that begin now
        self._pressed: dict[str, Pressed] = {}  # what the person did to jobs
        self._canceled_by = pipeline.canceled_by
        self._orphans: list[int] = []  # trigger jobs whose downstream pipelines are to be canceled
        self._moved = False
        states = {name: _seen(job.state) for name, job in self.newest.items()}
        allowed = [name for name, job in self.newest.items() if job.allow_failure]
        self.progress = progress_of(self.plan, states, allowed=allowed)
        self._take(self.progress.start())

    def end(self, job: StoredJob, result: JobResult, *, interrupted: bool = False, waited_for: str = "") -> StoredJob:
        """An attempt ended. It is followed by another where it may be, else by whatever comes after the job.
        ``waited_for``: id of the event of a downstream pipeline's end."""
        planned = self.jobs[job.name]
        repeats = interrupted and self._repeats(planned)
        attempt = Attempt(job.attempt, job.state is State.CANCELING, job.interruptions, interrupted, repeats)
        result, warning, again, interruptions = ending_of(planned, attempt, result)
        after = msgspec.structs.replace(
            job,
            state=result.state,
            reason=result.reason,
            allow_failure=warning,
            finished=self.now,
            lease_owner="",
            lease_until=0,
            result=result,
        )
        self._write(job, after)
        self._note_artifacts(planned, after, interrupted=interrupted)
        self._tx.resources.release(job.id)
        told = msgspec.structs.replace(after, lease_owner=job.lease_owner)
        self._tx.record(self.tell.job_finished(planned, told, self._presser(after), waited_for))
        self._end_deployment(planned, after)
        if job.started:
            self._observe(Observed.JOB, after.state, self.now - job.started)
        if again:
            self._again(after, State.PENDING, interruptions=interruptions)
        else:
            self._take(self.progress.record(job.name, result.state, allowed=warning))
        return after

    def interrupt(self, job: StoredJob, reason: Text) -> StoredJob:
        """An attempt ended with the process that ran it, and nobody knows how far it came."""
        if self.jobs[job.name].environment is None:
            message = t("the runner went away while the job was running ({reason})", reason=reason)
        else:
            message = t(
                "the runner went away while the job was running ({reason}); it may have done part of its work: look at "
                "the environment before the job is run again",
                reason=reason,
            )
        result = JobResult(
            state=State.FAILED,
            reason=FailureReason.RUNNER_SYSTEM,
            message=message,
            started=job.started / SECOND,
            finished=self.now / SECOND,
        )
        return self.end(job, result, interrupted=True)

    def _repeats(self, planned: Job) -> bool:
        """Whether a job that was interrupted is begun anew by itself, whatever its ``retry`` says."""
        if planned.environment is None:
            return True
        return job_settings.REPEAT_INTERRUPTED.at(self._tx.tree.ancestors(self.pipeline.project))

    def started(self, before: StoredJob, after: StoredJob) -> bool:
        """A pending job is taken by somebody; False where somebody else was faster."""
        if not self._tx.jobs.change(before, after):
            return False
        self.newest[after.name] = after
        self._moved = True
        self.progress.record(after.name, State.RUNNING)
        planned = self.jobs[after.name]
        self._tx.record(self.tell.job_started(planned, after, self._presser(after), self._released_by(after)))
        self._begin_deployment(planned, after)
        self._observe(Observed.QUEUE, after.state, after.started - before.queued)
        return True

    def waits_for_resource(self, job: StoredJob) -> None:
        if job.state is State.PENDING:
            self._change(job, msgspec.structs.replace(job, state=State.WAITING_FOR_RESOURCE))

    def lend(self, job: StoredJob) -> None:
        """A trigger job waits for its downstream pipeline: nobody needs to hold it meanwhile."""
        self._write(job, msgspec.structs.replace(job, lease_owner="", lease_until=0))

    def wait_again(self, trigger: StoredJob) -> StoredJob | None:
        """A new attempt at a trigger job that waits for the pipeline that the last one started, since somebody made
        that one go on. None where it waits for none, is not over, or was run again since."""
        planned, newest = self.jobs[trigger.name], self.newest[trigger.name]
        if newest.id != trigger.id or newest.state not in RETRYABLE or not waits_for_downstream(planned):
            return None
        pending = self.retry(trigger.name)
        if pending.resource_group:  # who else has it by now keeps it: what goes on below is held up by nobody
            self._tx.resources.take(self.pipeline.project, pending.resource_group, pending.id)
        running = msgspec.structs.replace(pending, state=State.RUNNING, started=self.now, fence=pending.fence + 1)
        self.started(pending, running)
        return running

    def play(self, name: str, inputs: Mapping[str, object] = NOTHING) -> StoredJob:
        """``inputs``: over those of the attempt before. PlumblineError ``illegal-transition``, ``job-input``; KeyError
        where there is no such job."""
        self._give(name, inputs)
        self._pressed[name] = Pressed.PLAY
        self._take(self.progress.play(name))
        return self.newest[name]

    def retry(self, name: str, inputs: Mapping[str, object] = NOTHING) -> StoredJob:
        """As :meth:`play`."""
        self._give(name, inputs)
        self._pressed[name] = Pressed.RETRY
        self._take(self.progress.retry(name))
        return self.newest[name]

    def _give(self, name: str, inputs: Mapping[str, object]) -> None:
        if inputs:
            self._given[name] = chosen_inputs(self.jobs[name], {**self.newest[name].inputs, **inputs})

    def ring(self, name: str) -> None:
        """The time of a delayed job has come."""
        if self.progress.state(name) is State.SCHEDULED:
            self._take(self.progress.enqueue_scheduled(name))

    def cancel(self, name: str = "") -> None:
        """The whole pipeline, or one job of it."""
        if not name:
            if self.progress.state_of_pipeline not in _STOPPED:
                self._canceled_by = self._by
            self._take(self.progress.cancel())
        elif (state := self.progress.state(name)) not in FINISHED:
            self._take(self.progress.record(name, State.CANCELING if state in HELD else State.CANCELED))

    def close(self) -> StoredPipeline:
        """Write the pipeline where something changed, end the trigger job that waits for it, and cancel what it
        started where that is wanted."""
        before, state = self.pipeline, self.progress.state_of_pipeline
        started = before.started or (self.now if any(job.started for job in self.newest.values()) else 0)
        after = msgspec.structs.replace(
            before,
            state=state,
            started=started,
            finished=(before.finished or self.now) if self.progress.ended else 0,
            canceled_by=self._canceled_by if state in _STOPPED else 0,
        )
        if after == before and not self._moved:
            return before
        if not self._tx.pipelines.change(before, after):
            raise RuntimeError(f"pipeline {before.id} changed inside a transaction")
        self._tell_pipeline(before, after)
        self.pipeline = msgspec.structs.replace(after, version=before.version + 1)
        for job in self._orphans:
            child = self._tx.pipelines.downstream(job)
            if child is not None and not child.finished:
                cancel_pipeline(self._server, self._tx, child, self._person)
        self._server.occasions.pipeline_moved(self._tx, before, self.pipeline)
        if self.pipeline.finished and not before.finished:
            settle(self._server, self._tx, self.pipeline)
        return self.pipeline

    def _tell_pipeline(self, before: StoredPipeline, after: StoredPipeline) -> None:
        if after.started and not before.started:
            self._tx.record(self.tell.started())
        if after.finished and not before.finished:
            self._tx.record(self.tell.finished(after, self._last_of(self.newest.values())))
            self._observe(Observed.PIPELINE, after.state, after.finished - after.created)
        elif after.state is not before.state and after.state is not State.RUNNING:
            self._tx.record(self.tell.changed(after))

    def _observe(self, what: Observed, state: State, microseconds: int) -> None:
        self._tx.afterwards(partial(self._server.observations.tell, what, state, microseconds))

    def doubts(self, job: StoredJob) -> tuple[Descent, ...]:
        """What git has to be asked before a job may start: whether it goes back to an older commit."""
        planned = self.jobs[job.name]
        return self._meaning(planned).doubts if deploys(planned) else ()

    def tell_queued(self, job: StoredJob) -> None:
        """A deployment may start as soon as somebody takes it."""
        planned = self.jobs[job.name]
        if job.state is State.PENDING and deploys(planned):
            found = self._meaning(planned)
            made, before = Made(found.intent, found.leaves), self._released_by(job)
            self._tx.record(self.tell.deployment_queued(planned, job, made, self._asker(job), before))

    def _begin_deployment(self, planned: Job, job: StoredJob) -> None:
        if deploys(planned):
            subject = subject_of(self.pipeline, job)
            begun = begin_deployment(self._tx, self.pipeline, planned, job, subject, self._meaning(planned))
            made = Made(cast("Intent", begun.intent), begun.leaves)
            self._tx.record(self.tell.deployment_started(planned, job, made, self._asker(job)))

    def _end_deployment(self, planned: Job, job: StoredJob) -> None:
        if deploys(planned):
            ended = end_deployment(self._tx, job, self.now)
            intent, mends = (cast("Intent", ended[0].intent), ended[1]) if ended else ("deploy", "")
            self._tx.record(self.tell.deployment_finished(planned, job, Made(intent, mends), self._asker(job)))
            self._server.occasions.deployed(self._tx, self.pipeline, planned, job)
        elif planned.environment and planned.environment.action == "stop" and job.state is State.SUCCESS:
            self._tx.deployments.stop(self.pipeline.project, planned.environment.name, self.now)

    def _meaning(self, planned: Job) -> Meaning:
        return meaning_of(self._tx, self.pipeline, planned, self._server.lineage.holds)

    def _presser(self, job: StoredJob) -> str:
        """Who played or retried it."""
        person = self._tx.people.get(job.by) if job.by else None
        return person.name if person is not None else ""

    def _asker(self, job: StoredJob) -> str:
        """Who played or retried it, else who started the pipeline."""
        return self._presser(job) or person_behind(self._tx, self.pipeline)

    def _released_by(self, job: StoredJob) -> str:
        """Id of the event that let it start: the end of the attempt before it, else that of what it needed and that
        ended last, else the beginning of the pipeline."""
        earlier = self._earlier.get(job.name)
        if earlier is not None and earlier.started and earlier.ended:
            return finished_id(self.pipeline, earlier)
        planned = self.jobs[job.name]
        if planned.needs is not None:
            needed = [self.newest[need.job] for need in planned.needs if need.job in self.newest]
        else:
            at = planned.stage_index
            needed = [one for name, one in self.newest.items() if self.jobs[name].stage_index < at]
        last = self._last_of(needed)
        return finished_id(self.pipeline, last) if last is not None else self.tell.queued_id

    def _last_of(self, jobs: Iterable[StoredJob]) -> StoredJob | None:
        """That which ended last, of those that ran."""
        return max(
            (one for one in jobs if one.started and one.ended), key=lambda one: (one.finished, one.id), default=None
        )

    def _note_artifacts(self, planned: Job, job: StoredJob, *, interrupted: bool) -> None:
        """From when on they may go. What an attempt kept that ended with its process, nobody knows of; whoever ran it
        may still write for a while."""
        if job.result is not None and job.result.kept:
            self._tx.keeping.add(kept_artifacts(self.pipeline, job, planned))
            self._tx.keeping.add_files(job.id, job.result.kept)
        elif interrupted and planned.artifacts is not None:
            due = self.now + ABANDONED
            self._tx.keeping.put([PendingDeletion(kind=KeptKind.ARTIFACTS, name=str(job.id), due=due)])

    def _take(self, transitions: Iterable[Transition]) -> None:
        """Write what the state machine decided."""
        for name in dict.fromkeys(transition.name for transition in transitions):
            self._move(self.newest[name], self.progress.state(name))

    def _move(self, job: StoredJob, state: State) -> None:
        if _seen(job.state) is state:
            return
        if job.state in RETRYABLE:
            self._again(job, state)
            return
        planned = self.jobs[job.name]
        after = msgspec.structs.replace(
            job,
            state=state,
            by=self._by if self._pressed else job.by,
            pressed=self._pressed.get(job.name, Pressed.NOTHING) if self._pressed else job.pressed,
            canceled_by=self._by if state in _STOPPED else job.canceled_by,
            inputs=self._given.get(job.name, job.inputs),
            queued=self.now if state in _QUEUED else job.queued,
            due=self.now + int((planned.start_in or 0) * SECOND) if state is State.SCHEDULED else 0,
            finished=self.now if state in FINISHED else 0,
        )
        if state is State.CANCELING and planned.trigger is not None and not job.lease_owner:
            self._orphans.append(job.id)
        self._change(job, after)
        self.tell_queued(after)

    def _again(self, job: StoredJob, state: State, *, interruptions: int | None = None) -> None:
        """A new attempt at a job: by itself as long as nobody pressed anything."""
        fresh = StoredJob(
            pipeline=job.pipeline,
            name=job.name,
            stage=job.stage,
            attempt=job.attempt + 1,
            state=state,
            tags=job.tags,
            resource_group=job.resource_group,
            queued=self.now if state is State.PENDING else 0,
            interruptions=job.interruptions if interruptions is None else interruptions,
            by=self._by if self._pressed else job.by,
            pressed=self._pressed.get(job.name, Pressed.NOTHING) if self._pressed else job.pressed,
            inputs=self._given.get(job.name, job.inputs),
        )
        [fresh] = self._tx.jobs.add([fresh])
        self._earlier[job.name], self.newest[job.name] = job, fresh
        self._moved = True
        before = finished_id(self.pipeline, job) if job.started else ""
        self._tx.record(self.tell.job_changed(job, fresh, self._who, before))
        self.tell_queued(fresh)

    def _change(self, before: StoredJob, after: StoredJob) -> None:
        self._write(before, after)
        self._tx.record(self.tell.job_changed(before, after, self._who))

    def _write(self, before: StoredJob, after: StoredJob) -> None:
        if not self._tx.jobs.change(before, after):
            raise RuntimeError(f"job {before.id} changed inside a transaction")
        self.newest[after.name] = after
        self._moved = True


def settle(server: Server, tx: Transaction, pipeline: StoredPipeline) -> None:
    """A pipeline that came to its end ends the trigger job that waits for it."""
    job = tx.jobs.get(pipeline.upstream) if pipeline.upstream else None
    if job is None or job.lease_owner:
        return
    result, above = mirrored(job.state, pipeline.state), tx.pipelines.get(job.pipeline)
    if result is None or above is None:
        return
    transition = PipelineTransition(server, tx, above)
    transition.end(transition.newest[job.name], result, waited_for=ended_id(pipeline))
    transition.close()


def cancel_pipeline(server: Server, tx: Transaction, pipeline: StoredPipeline, person: Person | None) -> StoredPipeline:
    transition = PipelineTransition(server, tx, pipeline, person)
    transition.cancel()
    return transition.close()


def _seen(state: State) -> State:
    """What the state machine calls it: it knows nothing of resource groups."""
    return State.PENDING if state is State.WAITING_FOR_RESOURCE else state
