"""What happens to pipelines and jobs, as events for the ledger. Ids are made of what happened: the same thing
told twice is the same event."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from msgspec import UNSET

from plumbline.evidence import timestamp, write_event
from plumbline.evidence.vocabulary import Reference
from plumbline.evidence.vocabulary import cdevents_core as core
from plumbline.evidence.vocabulary import facts as about
from plumbline.evidence.vocabulary import own_delivery as own
from plumbline.evidence.vocabulary import own_platform as platform
from plumbline.model.job import State

if TYPE_CHECKING:
    from plumbline.evidence import Content
    from plumbline.evidence.vocabulary import Outcome as RunOutcome
    from plumbline.evidence.vocabulary import Tier
    from plumbline.model.event import EventDraft
    from plumbline.model.pipeline import Environment, Job
    from plumbline.model.server import Pushed, StoredJob, StoredPipeline, Webhook

_OUTCOMES: dict[State, RunOutcome] = {State.SUCCESS: "success", State.FAILED: "failure", State.CANCELED: "cancel"}
_ENDS = _OUTCOMES | {State.SKIPPED: "cancel"}  # of a pipeline: one that ran nothing says nothing about the change
_PARENTS = 64  # of one commit that are named; an event has only so much room
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")


def subject_of(pipeline: StoredPipeline, job: StoredJob | None = None) -> str:
    return f"{pipeline.uid}/{job.id}" if job else pipeline.uid


class PipelineEvents:
    """Tells of one pipeline. ``url`` of the server; empty: a URN stands for the address."""

    def __init__(self, pipeline: StoredPipeline, now: int, source: str, url: str = "") -> None:
        self._pipeline = pipeline
        self._now = now
        self._source = source
        self._url = url
        self._count = 0
        self._run = Reference(id=pipeline.uid, source=source)

    def queued(self) -> EventDraft:
        content = core.PipelineRunQueued(pipeline_name=self._name, uri=self._address())
        return self._tell(content, "queued", self._run_facts())

    def started(self) -> EventDraft:
        content = core.PipelineRunStarted(pipeline_name=self._name, uri=self._address())
        return self._tell(content, f"started:{self._pipeline.version}", self._run_facts())

    def finished(self, after: StoredPipeline) -> EventDraft:
        content = core.PipelineRunFinished(
            pipeline_name=self._name,
            uri=self._address(),
            outcome=_ENDS[after.state],
            errors=after.message or UNSET,
        )
        return self._tell(content, f"finished:{self._pipeline.version}", self._run_facts())

    def changed(self, after: StoredPipeline) -> EventDraft:
        content = own.PipelineRunStateChanged(
            state=after.state.value, previous=self._pipeline.state.value, reason=after.message or UNSET
        )
        return self._tell(content, f"state:{self._pipeline.version}")

    def job_changed(self, before: StoredJob, after: StoredJob, person: str) -> EventDraft:
        """A change of state that is neither the start nor the end of something that ran."""
        self._count += 1
        content = own.TaskRunStateChanged(
            state=after.state.value,
            previous=before.state.value,
            attempt=after.attempt,
            task_name=after.name,
            pipeline_run=self._run,
            reason=after.reason.value if after.reason else UNSET,
            person=person or UNSET,
        )
        return self._tell(content, f"state:{self._pipeline.version}.{self._count}", job=after)

    def job_started(self, job: StoredJob) -> EventDraft:
        content = core.TaskRunStarted(task_name=job.name, pipeline_run=self._run, uri=self._address(job))
        return self._tell(content, f"started:{job.fence}", self._task_facts(job), job)

    def job_finished(self, job: StoredJob) -> EventDraft:
        outcome: RunOutcome = _OUTCOMES[job.state]
        if job.reason is not None and job.reason.value.endswith("system_failure"):
            outcome = "error"
        message = job.result.message if job.result else None
        content = core.TaskRunFinished(
            task_name=job.name,
            pipeline_run=self._run,
            uri=self._address(job),
            outcome=outcome,
            errors=message.render("en") if message else UNSET,
        )
        return self._tell(content, "finished", self._task_facts(job, ended=True), job)

    def deployment(self, planned: Job, job: StoredJob) -> EventDraft | None:
        """The start or the end of a deployment; None for a job that deploys nothing."""
        environment = planned.environment
        if environment is None or environment.action != "start":
            return None
        if not job.ended:
            return self._tell(own.DeploymentStarted(**self._deployment(environment, job)), "deploying", job=job)
        content = own.DeploymentFinished(**self._deployment(environment, job), outcome=_OUTCOMES[job.state])
        return self._tell(content, "deployed", job=job)

    def _deployment(self, environment: Environment, job: StoredJob) -> dict[str, Any]:
        return {
            "environment": Reference(id=f"{self._pipeline.project}/{environment.name}", source=self._source),
            "tier": cast("Tier", environment.tier or "other"),
            "attempt": job.attempt,
            "intent": "deploy",
            "commit": self._commit,
            "run": self._pipeline.uid,
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
        change = self._pipeline.change
        return about.RunFacts(
            project=change.project.path,
            ref=change.ref or UNSET,
            commit=self._commit,  # type: ignore[arg-type]
            trigger=change.event.value,
            person=change.user_login or UNSET,
        )

    def _task_facts(self, job: StoredJob, *, ended: bool = False) -> about.TaskFacts:
        code = job.result.exit_code if job.result else None
        return about.TaskFacts(
            attempt=job.attempt,
            stage=job.stage,
            runner=job.lease_owner or UNSET,
            reason=job.reason.value if job.reason else UNSET,
            exit_code=UNSET if code is None else code,
            allowed_failure=job.allow_failure if ended else UNSET,
            project=self._pipeline.change.project.path,
            commit=self._commit,  # type: ignore[arg-type]
        )

    def _tell(
        self,
        content: Content,
        what: str,
        more: about.RunFacts | about.TaskFacts | None = None,
        job: StoredJob | None = None,
    ) -> EventDraft:
        subject = subject_of(self._pipeline, job)
        return write_event(
            content,
            id=f"{subject}:{what}",
            source=self._source,
            subject=subject,
            time=self._now,
            facts=more,
            project=self._pipeline.change.project.path,
        )


def delivery_accepted(
    source: str, project: int, webhook: Webhook, now: int, *, pipeline: str, because: str
) -> EventDraft:
    content = platform.DeliveryAccepted(
        origin=webhook.forge,
        node=str(project),
        pipeline=pipeline or UNSET,
        reason=UNSET if pipeline else because,
    )
    return _delivery(content, source, f"{project}:{webhook.forge}:{webhook.delivery}", now, "accepted")


def delivery_refused(
    source: str, project: int, origin: str, delivery: str, now: int, reason: str, *, uid: str, address: str = ""
) -> EventDraft:
    """``uid`` tells two refusals of one delivery apart."""
    content = platform.DeliveryRefused(origin=origin, node=str(project), reason=reason, address=address or UNSET)
    return _delivery(content, source, f"{project}:{origin}:{delivery}", now, f"refused:{uid}")


def commits_observed(
    source: str, project: int, webhook: Webhook, pushed: Pushed, now: int, path: str = ""
) -> EventDraft:
    """What a push brought. Its id is that of the delivery: a branch may go to and fro between the same commits."""
    content = own.CommitObserved(
        repository=Reference(id=str(project), source=source),
        ref=f"refs/heads/{webhook.ref}",
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
        before=webhook.before if _COMMIT.match(webhook.before) and webhook.before.strip("0") else UNSET,
        forced=pushed.forced or UNSET,
        more=pushed.more or UNSET,
    )
    name = f"{project}:{webhook.forge}:{webhook.delivery}".encode("ascii", "backslashreplace").decode()[:300]
    return write_event(
        content, id=f"commits:{name}", source=source, subject=pushed.commits[0].sha, time=now, project=path
    )


def _delivery(content: Content, source: str, subject: str, now: int, what: str) -> EventDraft:
    subject = subject.encode("ascii", "backslashreplace").decode()[:300]
    return write_event(content, id=f"delivery:{subject}:{what}", source=source, subject=subject, time=now)
