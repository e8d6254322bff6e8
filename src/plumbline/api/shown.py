"""What nouns that several routes answer with show of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import msgspec
from msgspec import Meta

from plumbline.api.fields import END, Count, Id, InputValue, Time
from plumbline.flow.pipelines.whence import JOB_NOWHERE, NOWHERE, whence, whence_of_jobs
from plumbline.model.job import State
from plumbline.model.keeping import Hold
from plumbline.model.server import Pressed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.api.call import Call
    from plumbline.flow.pipelines.artifacts import ArtifactsNow
    from plumbline.flow.pipelines.whence import JobWhence, Whence
    from plumbline.model.person import ApiToken
    from plumbline.model.server import StoredJob, StoredPipeline


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
    """``starter``: what whoever asked for it is called, here or at the forge; ``schedule``: that asked for it, 0: none
    did. ``upstream``: the trigger job that started it, ``upstream_pipeline``: the one of that; 0: none, or one that the
    caller may not see. ``downstream``: what its own trigger jobs started. Times are microseconds since the epoch; 0:
    not yet."""

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
    starter: str
    schedule: Count
    canceled_by: Count
    canceler: str
    upstream: Count
    upstream_pipeline: Count
    downstream: list[Id]
    created: Count
    started: Count
    finished: Count


class KeptFileView(msgspec.Struct, frozen=True, kw_only=True):
    """The archive of a job, or a report that it left."""

    kind: str  # archive, junit, dotenv, ...
    name: str
    files: Count
    size: Count  # bytes
    digest: str


class ArtifactsView(msgspec.Struct, frozen=True, kw_only=True):
    """What a job left. Times are microseconds since the epoch; 0: never, or not yet."""

    files: list[KeptFileView]
    size: Count  # bytes
    expires: Time  # when their time is over, or was
    hold: Hold  # why they stay nevertheless: their pipeline is not at its end, or it is the latest of its branch
    kept_by: Count  # the person who wants them kept for ever; 0: nobody
    removed: Time


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at one job. ``by``: on whose behalf it runs, where that is not who started the pipeline, ``person``:
    what they are called, ``pressed``: what they did to it; nothing: it followed what they did to another one.
    ``downstream``: the pipeline that it started; 0: none, or one that the caller may not see. ``inputs``: the values
    that are not the defaults of its inputs. Times are microseconds since the epoch; 0: not yet."""

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
    person: str
    pressed: Pressed
    canceled_by: Count
    canceler: str
    downstream: Count
    inputs: dict[str, InputValue]
    queued: Count
    due: Count
    started: Count
    finished: Count
    artifacts: ArtifactsView | None


def show_pipeline(call: Call, found: StoredPipeline) -> PipelineView:
    return show_pipelines(call, [found])[0]


def show_pipelines(call: Call, found: Sequence[StoredPipeline]) -> list[PipelineView]:
    known = whence(call.actor, call.tools.pipelines, found)
    return [_show_pipeline(one, known.get(one.id, NOWHERE)) for one in found]


def show_job(call: Call, job: StoredJob, left: ArtifactsNow | None = None) -> JobView:
    """``left``: what it did, if any."""
    return show_jobs(call, [job], {job.id: left} if left else {})[0]


def show_jobs(call: Call, jobs: Sequence[StoredJob], left: Mapping[int, ArtifactsNow]) -> list[JobView]:
    known = whence_of_jobs(call.actor, call.tools.pipelines, jobs)
    return [_show_job(job, left.get(job.id), known.get(job.id, JOB_NOWHERE)) for job in jobs]


def _show_pipeline(found: StoredPipeline, origin: Whence) -> PipelineView:
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
        starter=origin.starter,
        schedule=found.schedule,
        canceled_by=found.canceled_by,
        canceler=origin.canceler,
        upstream=found.upstream,
        upstream_pipeline=origin.parent.id if origin.parent else 0,
        downstream=[child.id for child in origin.children],
        created=found.created,
        started=found.started,
        finished=found.finished,
    )


def _show_job(job: StoredJob, left: ArtifactsNow | None, origin: JobWhence) -> JobView:
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
        person=origin.person,
        pressed=job.pressed,
        canceled_by=job.canceled_by,
        canceler=origin.canceler,
        downstream=origin.child.id if origin.child else 0,
        inputs=cast("dict[str, InputValue]", job.inputs),
        queued=job.queued,
        due=job.due,
        started=job.started,
        finished=job.finished,
        artifacts=_show_artifacts(job, left) if left else None,
    )


def _show_artifacts(job: StoredJob, left: ArtifactsNow) -> ArtifactsView:
    files = job.result.kept if job.result else ()
    return ArtifactsView(
        files=[
            KeptFileView(kind=one.kind, name=one.name, files=one.files, size=one.size, digest=one.digest)
            for one in files
        ],
        size=left.kept.size,
        expires=left.expires,
        hold=left.hold,
        kept_by=left.kept.kept_by,
        removed=left.kept.gone,
    )


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
