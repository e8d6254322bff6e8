"""What happens to pipelines and jobs, as events for the ledger. Ids are made of what happened: the same thing
told twice is the same event."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from msgspec import UNSET, structs

from plumbline.evidence import ContextId, EndLink, PathLink, RelationLink, timestamp, write_event
from plumbline.evidence.vocabulary import Reference
from plumbline.evidence.vocabulary import cdevents_core as core
from plumbline.evidence.vocabulary import facts as about
from plumbline.evidence.vocabulary import own_delivery as own
from plumbline.evidence.vocabulary import own_platform as platform
from plumbline.flow.pipelines.chains import Origin, chain_of
from plumbline.flow.pipelines.deployments import outcome_of
from plumbline.model.job import State
from plumbline.pipeline import embedded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.evidence import Content, Link
    from plumbline.evidence.vocabulary import Intent, Tier
    from plumbline.evidence.vocabulary import Outcome as RunOutcome
    from plumbline.model.event import EventDraft
    from plumbline.model.pipeline import Job
    from plumbline.model.server import Delivery, Pushed, StoredJob, StoredPipeline

_ENDS: dict[State, RunOutcome] = {
    State.SUCCESS: "success",
    State.FAILED: "failure",
    State.CANCELED: "cancel",
    State.SKIPPED: "cancel",  # a pipeline that ran nothing says nothing about the change
}
_LONGEST = 300  # characters of what a name is made of
_PARENTS = 64  # of one commit that are named; an event has only so much room
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")


def subject_of(pipeline: StoredPipeline, job: StoredJob | None = None) -> str:
    return f"{pipeline.uid}/{job.id}" if job else pipeline.uid


class Asked(NamedTuple):
    """Why a pipeline is made: who asks (empty: nobody whom the server knows), the schedule whose time came (0: none),
    and the event of ours that it follows."""

    person: str = ""
    schedule: int = 0
    cause: str = ""


NOBODY = Asked()


class Made(NamedTuple):
    """What a deployment brings about. ``intent`` None: nobody knows yet. ``mends``: subject of a deployment."""

    intent: Intent | None
    mends: str = ""


class PipelineEvents:
    """Tells of one pipeline. ``url`` of the server; empty: a URN stands for the address.

    Links say which event each one follows: a job that needed others, the end of the last of these.
    """

    def __init__(
        self, pipeline: StoredPipeline, now: int, source: str, url: str = "", origin: Origin | None = None
    ) -> None:
        self._pipeline = pipeline
        self._now = now
        self._source = source
        self._url = url
        self._origin = origin or Origin(chain_of(source, pipeline.project, pipeline.sha))
        self._count = 0
        self._run = Reference(id=pipeline.uid, source=source)

    @property
    def queued_id(self) -> str:
        return queued_id(self._pipeline)

    def queued(self, asked: Asked, files: Sequence[str] = ()) -> EventDraft:
        """``files``: of the configuration that are of another repository, or of none."""
        content = core.PipelineRunQueued(pipeline_name=self._name, uri=self._address())
        parent, trigger = self._origin.parent, self._origin.trigger
        links: list[Link] = []
        if parent is not None and trigger is not None:
            links += [follows(started_id(parent, trigger)), relates("PARENT", queued_id(parent))]
        if asked.cause:
            links += [follows(asked.cause), relates("TRIGGER", asked.cause)]
        facts = self._run_facts()
        facts = structs.replace(
            facts,
            person=asked.person or facts.person,
            schedule=schedule_subject(self._pipeline.project, asked.schedule) if asked.schedule else UNSET,
            templates=tuple(files) or UNSET,
        )
        return self._tell(content, "queued", facts, links=links)

    def started(self) -> EventDraft:
        content = core.PipelineRunStarted(pipeline_name=self._name, uri=self._address())
        what = f"started:{self._pipeline.version}"
        return self._tell(content, what, self._run_facts(), links=[follows(self.queued_id)])

    def finished(self, after: StoredPipeline, last: StoredJob | None = None) -> EventDraft:
        """``last``: the job that ended last; None: none ran."""
        content = core.PipelineRunFinished(
            pipeline_name=self._name,
            uri=self._address(),
            outcome=_ENDS[after.state],
            errors=after.message or UNSET,
        )
        before = finished_id(self._pipeline, last) if last is not None else self.queued_id
        links: list[Link] = [follows(before)]
        if self._origin.parent is None:
            links.append(EndLink(from_=ContextId(context_id=before)))
        return self._tell(content, f"finished:{self._pipeline.version}", self._run_facts(), links=links)

    def changed(self, after: StoredPipeline) -> EventDraft:
        content = own.PipelineRunStateChanged(
            state=after.state.value, previous=self._pipeline.state.value, reason=after.message or UNSET
        )
        return self._tell(content, f"state:{self._pipeline.version}", links=[follows(self.queued_id)])

    def job_changed(self, before: StoredJob, after: StoredJob, person: str, before_it: str = "") -> EventDraft:
        """A change of state that is neither the start nor the end of something that ran. ``before_it``: id of the event
        that it follows."""
        self._count += 1
        content = own.TaskRunStateChanged(
            state=after.state.value,
            previous=before.state.value,
            attempt=after.attempt,
            task_name=after.name,
            pipeline_run=self._run,
            reason=after.reason.value if after.reason else UNSET,
            person=person or UNSET,
            inputs=_inputs_of(after) if after.inputs and _is_begun(before, after) else UNSET,
        )
        what = f"state:{self._pipeline.version}.{self._count}"
        return self._tell(content, what, job=after, links=[follows(before_it)] if before_it else ())

    def job_started(self, planned: Job, job: StoredJob, person: str, before_it: str) -> EventDraft:
        content = core.TaskRunStarted(task_name=job.name, pipeline_run=self._run, uri=self._address(job))
        facts = self._task_facts(planned, job, person)
        return self._tell(content, f"started:{job.fence}", facts, job, [follows(before_it)])

    def job_finished(self, planned: Job, job: StoredJob, person: str, waited_for: str = "") -> EventDraft:
        """``waited_for``: id of the event of a downstream pipeline's end."""
        message = job.result.message if job.result else None
        content = core.TaskRunFinished(
            task_name=job.name,
            pipeline_run=self._run,
            uri=self._address(job),
            outcome=outcome_of(job),
            errors=message.render("en") if message else UNSET,
        )
        links = [follows(started_id(self._pipeline, job)), *([follows(waited_for)] if waited_for else ())]
        return self._tell(content, "finished", self._task_facts(planned, job, person, ended=True), job, links)

    def deployment_queued(self, planned: Job, job: StoredJob, made: Made, person: str, before_it: str) -> EventDraft:
        content = own.DeploymentQueued(**self._deployment(planned, job, made, person))
        return self._tell(content, "deployment-queued", job=job, links=[follows(before_it)])

    def deployment_started(self, planned: Job, job: StoredJob, made: Made, person: str) -> EventDraft:
        content = own.DeploymentStarted(**self._deployment(planned, job, made, person))
        return self._tell(content, "deploying", job=job, links=[follows(started_id(self._pipeline, job))])

    def deployment_finished(self, planned: Job, job: StoredJob, made: Made, person: str) -> EventDraft:
        content = own.DeploymentFinished(**self._deployment(planned, job, made, person), outcome=outcome_of(job))
        return self._tell(content, "deployed", job=job, links=[follows(finished_id(self._pipeline, job))])

    def _deployment(self, planned: Job, job: StoredJob, made: Made, person: str) -> dict[str, Any]:
        environment = planned.environment
        assert environment is not None
        return {
            "environment": Reference(id=f"{self._pipeline.project}/{environment.name}", source=self._source),
            "tier": cast("Tier", environment.tier or "other"),
            "attempt": job.attempt,
            "intent": made.intent or UNSET,
            "service": Reference(id=self._pipeline.change.project.path, source=self._source),
            "remediates": made.mends or UNSET,
            "commit": self._commit,
            "run": self._pipeline.uid,
            "person": person or self._pipeline.change.user_login or UNSET,
        }

    @property
    def _name(self) -> str:
        return self._pipeline.name or self._pipeline.change.project.path

    @property
    def _commit(self) -> str | object:
        return self._pipeline.sha if _COMMIT.match(self._pipeline.sha) else UNSET

    def _address(self, job: StoredJob | None = None) -> str:
        what = f"jobs/{job.id}" if job else f"pipelines/{self._pipeline.id}"
        return f"{self._url}/{what}" if self._url else f"urn:plumbline:{what}"

    def _run_facts(self) -> about.RunFacts:
        change, parent = self._pipeline.change, self._origin.parent
        return about.RunFacts(
            project=change.project.path,
            ref=change.ref or UNSET,
            commit=self._commit,  # type: ignore[arg-type]
            trigger=change.event.value,
            person=change.user_login or UNSET,
            parent=parent.uid if parent is not None else UNSET,
        )

    def _task_facts(self, planned: Job, job: StoredJob, person: str, *, ended: bool = False) -> about.TaskFacts:
        code = job.result.exit_code if job.result else None
        image = planned.image.name if planned.image else ""
        return about.TaskFacts(
            attempt=job.attempt,
            stage=job.stage,
            runner=job.lease_owner or UNSET,
            reason=job.reason.value if job.reason else UNSET,
            exit_code=UNSET if code is None else code,
            allowed_failure=job.allow_failure if ended else UNSET,
            project=self._pipeline.change.project.path,
            commit=self._commit,  # type: ignore[arg-type]
            image=image if image and "$" not in image else UNSET,
            bare=UNSET if image else True,
            optional=planned.allow_failure.allowed or bool(planned.allow_failure.exit_codes),
            person=person or UNSET,
        )

    def _tell(
        self,
        content: Content,
        what: str,
        more: about.RunFacts | about.TaskFacts | None = None,
        job: StoredJob | None = None,
        links: Sequence[Link] = (),
    ) -> EventDraft:
        subject = subject_of(self._pipeline, job)
        return write_event(
            content,
            id=f"{subject}:{what}",
            source=self._source,
            subject=subject,
            time=self._now,
            facts=more,
            chain=self._origin.chain,
            links=tuple(links),
            project=self._pipeline.change.project.path,
        )


def queued_id(pipeline: StoredPipeline) -> str:
    return f"{pipeline.uid}:queued"


def ended_id(pipeline: StoredPipeline) -> str:
    """Of a pipeline that has just ended, as it is after that."""
    return f"{pipeline.uid}:finished:{pipeline.version - 1 if pipeline.version else 0}"


def started_id(pipeline: StoredPipeline, job: StoredJob) -> str:
    return f"{subject_of(pipeline, job)}:started:{job.fence}"


def finished_id(pipeline: StoredPipeline, job: StoredJob) -> str:
    return f"{subject_of(pipeline, job)}:finished"


def follows(event: str) -> PathLink:
    return PathLink(from_=ContextId(context_id=event))


def relates(kind: str, event: str) -> RelationLink:
    return RelationLink(link_kind=kind, target=ContextId(context_id=event))


def schedule_subject(project: int, schedule: int) -> str:
    return f"{project}/schedules/{schedule}"


def delivery_id(delivery: Delivery) -> str:
    """Of the event that a delivery was accepted: pipelines follow it."""
    return f"delivery:{_name_of(delivery)}:accepted"


def delivery_accepted(source: str, delivery: Delivery, now: int, *, pipeline: str, because: str) -> EventDraft:
    content = platform.DeliveryAccepted(
        origin=delivery.forge,
        node=str(delivery.project),
        body=f"sha256:{delivery.body}" if delivery.body else UNSET,
        pipeline=pipeline or UNSET,
        reason=UNSET if pipeline else because,
    )
    return _delivery(content, source, delivery, now, "accepted")


def delivery_refused(source: str, delivery: Delivery, now: int, reason: str, *, uid: str) -> EventDraft:
    """``uid`` tells two refusals of one delivery apart."""
    content = platform.DeliveryRefused(
        origin=delivery.forge,
        node=str(delivery.project),
        reason=reason,
        address=delivery.address or UNSET,
        body=f"sha256:{delivery.body}" if delivery.body else UNSET,
    )
    return _delivery(content, source, delivery, now, f"refused:{uid}")


def commits_observed(source: str, delivery: Delivery, pushed: Pushed, now: int, path: str = "") -> EventDraft:
    """What a push brought. Its id is that of the delivery: a branch may go to and fro between the same commits."""
    content = own.CommitObserved(
        repository=Reference(id=str(delivery.project), source=source),
        ref=f"refs/heads/{delivery.ref}",
        commits=tuple(
            about.CommitFact(
                sha=one.sha,
                authored=timestamp(one.authored * 1_000_000),
                committed=timestamp(one.committed * 1_000_000),
                author=one.author or UNSET,
                mail=one.mail or UNSET,
                parents=one.parents[:_PARENTS] or UNSET,
            )
            for one in pushed.commits
        ),
        before=delivery.before if _COMMIT.match(delivery.before) and delivery.before.strip("0") else UNSET,
        forced=pushed.forced or UNSET,
        more=pushed.more or UNSET,
    )
    return write_event(
        content,
        id=f"commits:{_name_of(delivery)}",
        source=source,
        subject=pushed.commits[0].sha,
        time=now,
        project=path,
    )


def branch_deleted(source: str, delivery: Delivery, now: int, path: str = "") -> EventDraft:
    """Its id is made of project, branch and the commit that it had: whoever tells of it first, it is one event."""
    content = core.BranchDeleted(repository=Reference(id=str(delivery.project), source=source))
    name = _plain(f"{delivery.project}:{delivery.ref}:{delivery.before}")
    subject = _plain(f"{delivery.project}/{delivery.ref}")
    return write_event(content, id=f"branch.deleted:{name}", source=source, subject=subject, time=now, project=path)


def _delivery(content: Content, source: str, delivery: Delivery, now: int, what: str) -> EventDraft:
    subject = _plain(f"{delivery.project}:{delivery.forge}:{delivery.name}")
    return write_event(content, id=f"delivery:{_name_of(delivery)}:{what}", source=source, subject=subject, time=now)


def _name_of(delivery: Delivery) -> str:
    """Several messages may have one id of the forge."""
    name = _plain(f"{delivery.project}:{delivery.forge}:{delivery.name}")
    return f"{name}:{delivery.body[:32]}" if delivery.body else name


def _plain(text: str) -> str:
    """In ASCII; what is cut off is told by a digest, since two long names may begin alike."""
    line = text.encode("ascii", "backslashreplace").decode()
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 40]}~{sha256(line.encode()).hexdigest()[:16]}"


def _is_begun(before: StoredJob, after: StoredJob) -> bool:
    """Whether somebody could give inputs for what begins here: as the job is played, or with a new attempt."""
    return after.inputs != before.inputs or after.attempt != before.attempt


def _inputs_of(job: StoredJob) -> tuple[own.JobInput, ...]:
    return tuple(own.JobInput(name=name, value=embedded(value)) for name, value in sorted(job.inputs.items()))
