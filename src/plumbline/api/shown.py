"""What nouns that several routes answer with show of themselves, and who may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from plumbline.access import Permission
from plumbline.api.fields import END, Count, Id, Time
from plumbline.api.problem import not_found
from plumbline.kernel import t
from plumbline.model import State

if TYPE_CHECKING:
    from plumbline.api.call import Call
    from plumbline.flow.serving import Records
    from plumbline.model import ApiToken, StoredJob, StoredPipeline


LONGEST_TITLE = 1000  # characters of the first line of a commit's message
TokenId = Annotated[str, Meta(pattern=rf"^[0-9A-Za-z]{{11}}{END}")]


class TokenView(msgspec.Struct, frozen=True, kw_only=True):
    """Without its secret. Times are microseconds since the epoch; 0: never."""

    id: str
    person: Id
    name: str
    scopes: list[str]
    created: Time
    expires: Time
    used: Time
    revoked: Time


class TokenList(msgspec.Struct, frozen=True, kw_only=True):
    tokens: list[TokenView]


class PipelineView(msgspec.Struct, frozen=True, kw_only=True):
    """Times are microseconds since the epoch; 0: not yet."""

    id: Id
    project: Id
    iid: Count
    uid: str  # by which events name it
    event: str
    ref: str
    sha: str
    name: str
    title: str  # of the commit
    author: str
    state: State
    warnings: bool  # it passed, and a job failed that was allowed to
    message: str
    by: Count
    upstream: Count
    created: Count
    started: Count
    finished: Count


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at one job. Times are microseconds since the epoch; 0: not yet."""

    id: Id
    pipeline: Id
    name: str
    stage: str
    attempt: Count
    state: State
    reason: str
    allow_failure: bool
    exit_code: int | None
    message: str
    tags: list[str]
    runner: str
    by: Count
    queued: Count
    due: Count
    started: Count
    finished: Count


def pipeline_of(call: Call, records: Records, pipeline: int, permission: Permission) -> StoredPipeline:
    """The pipeline, where the caller may do that in its project. One that may not be seen is as one that is not."""
    found = records.pipelines.get(pipeline)
    if found is None or not call.may(records, Permission.PIPELINE_VIEW, found.project):
        raise not_found(t("There is no pipeline {pipeline}.", pipeline=pipeline))
    call.require(records, permission, found.project)
    return found


def view_pipeline(found: StoredPipeline) -> PipelineView:
    return PipelineView(
        id=found.id,
        project=found.project,
        iid=found.iid,
        uid=found.uid,
        event=found.event.value,
        ref=found.ref,
        sha=found.sha,
        name=found.name,
        title=found.change.message.partition("\n")[0][:LONGEST_TITLE],
        author=found.change.author,
        state=found.state,
        warnings=found.warned,
        message=str(found.message),
        by=found.by,
        upstream=found.upstream,
        created=found.created,
        started=found.started,
        finished=found.finished,
    )


def view_job(job: StoredJob) -> JobView:
    result = job.result
    return JobView(
        id=job.id,
        pipeline=job.pipeline,
        name=job.name,
        stage=job.stage,
        attempt=job.attempt,
        state=job.state,
        reason=job.reason.value if job.reason else "",
        allow_failure=job.allow_failure,
        exit_code=result.exit_code if result else None,
        message=str(result.message) if result and result.message else "",
        tags=list(job.tags),
        runner=job.lease_owner,
        by=job.by,
        queued=job.queued,
        due=job.due,
        started=job.started,
        finished=job.finished,
    )


def job_of(call: Call, records: Records, job: int, permission: Permission) -> StoredJob:
    """The job, as :func:`pipeline_of`."""
    found = records.jobs.get(job)
    pipeline = records.pipelines.get(found.pipeline) if found else None
    if found is None or pipeline is None or not call.may(records, Permission.PIPELINE_VIEW, pipeline.project):
        raise not_found(t("There is no job {job}.", job=job))
    call.require(records, permission, pipeline.project)
    return found


def view_token(token: ApiToken) -> TokenView:
    return TokenView(
        id=token.id,
        person=token.person,
        name=token.name,
        scopes=list(token.scopes),
        created=token.created,
        expires=token.expires,
        used=token.used,
        revoked=token.revoked,
    )
