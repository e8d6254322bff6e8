"""Jobs: seen, played, tried again, canceled; and what they printed."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import msgspec
from msgspec import Meta
from starlette.responses import Response

from plumbline.access import Permission
from plumbline.api.call import Call, Raw
from plumbline.api.fields import Id
from plumbline.api.problem import not_found
from plumbline.api.ranges import read_part, whole
from plumbline.api.route import route
from plumbline.api.shown import JobView, job_of, look_at_job, view_job
from plumbline.flow.pipelines.artifacts import days_of_log, keep_artifacts, left_file
from plumbline.flow.pipelines.cancel_retry_play import cancel_job as cancel
from plumbline.flow.pipelines.cancel_retry_play import play_job as play
from plumbline.flow.pipelines.cancel_retry_play import retry_job as retry
from plumbline.kernel import t

MOST = 4 << 20  # bytes of a log in one answer


class Tail(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tail: Annotated[int, Meta(ge=1, le=MOST, description="Only so many bytes from the end.")] | None = None


@route("GET", "/jobs/{job}", t("One attempt at one job."))
def get_job(call: Call, job: Id) -> JobView:
    with call.service.store.view() as tx:
        return look_at_job(tx, job_of(call, tx, job, Permission.PIPELINE_VIEW))


@route("GET", "/jobs/{job}/log", t("What the job printed so far; a Range of it, or its end."),
       slow=True, refusals=(206, 416),
       media="text/plain")  # fmt: skip
def get_job_log(call: Call, job: Id, query: Tail) -> Raw | Response:
    with call.service.store.view() as tx:
        found = job_of(call, tx, job, Permission.PIPELINE_VIEW)
        pipeline = tx.pipelines.get(found.pipeline)
        days = days_of_log(tx, pipeline.project, found, call.service.clock()) if pipeline else 0
    path = call.service.log_of(found)
    if path is None and days:
        raise not_found(t("The log of job {job} is gone: logs are kept for {days} days here.", job=job, days=days))
    if path is None:
        raise not_found(t("Job {job} has printed nothing yet.", job=job))
    return read_part(path, call.headers.get("range", ""), query.tail, MOST)


@route("POST", "/jobs/{job}/play", t("Start a manual job, or a delayed one before its time."), refusals=(409,))
def play_job(call: Call, job: Id) -> JobView:
    with call.service.store.view() as tx:
        job_of(call, tx, job, Permission.JOB_PLAY)
    me = call.me.person
    return view_job(play(call.service.pipelines, job, by=me.id, person=me.name))


@route("POST", "/jobs/{job}/retry", t("A new attempt at a job that ended."), status=201, refusals=(409,))
def retry_job(call: Call, job: Id) -> JobView:
    with call.service.store.view() as tx:
        job_of(call, tx, job, Permission.JOB_RETRY)
    me = call.me.person
    return view_job(retry(call.service.pipelines, job, by=me.id, person=me.name))


@route("POST", "/jobs/{job}/cancel", t("Cancel a job. One that has ended stays as it is."), refusals=(409,))
def cancel_job(call: Call, job: Id) -> JobView:
    with call.service.store.view() as tx:
        job_of(call, tx, job, Permission.PIPELINE_CANCEL)
    cancel(call.service.pipelines, job, person=call.me.person.name)
    with call.service.store.view() as tx:
        return look_at_job(tx, job_of(call, tx, job, Permission.PIPELINE_VIEW))


@route("POST", "/jobs/{job}/artifacts/keep", t("Keep what the job left for ever, whatever its time."), refusals=(409,))
def keep_job_artifacts(call: Call, job: Id) -> JobView:
    return _keep(call, job, keep=True)


@route("DELETE", "/jobs/{job}/artifacts/keep", t("Let what the job left go when its time is over, after all."),
       refusals=(409,))  # fmt: skip
def let_job_artifacts_go(call: Call, job: Id) -> JobView:
    return _keep(call, job, keep=False)


class LeftFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``name``: as the job's ``result.kept`` has it."""

    name: Annotated[str, Meta(min_length=1, max_length=5000)] = "artifacts.zip"


@route("GET", "/jobs/{job}/artifacts", t("A file that the job left: the archive of its artifacts, or a report."),
       slow=True, refusals=(409,), media="application/octet-stream")  # fmt: skip
def get_job_artifacts(call: Call, job: Id, query: LeftFile) -> Response:
    with call.service.store.view() as tx:
        found = job_of(call, tx, job, Permission.ARTIFACT_DOWNLOAD)
        path = left_file(tx, found, query.name, call.service.file_of)
    shown = quote(f"job-{job}-{query.name.rpartition('/')[2]}")
    disposition = {"Content-Disposition": f"attachment; filename*=UTF-8''{shown}"}
    return whole(path, "application/octet-stream", disposition)


def _keep(call: Call, job: int, *, keep: bool) -> JobView:
    with call.service.store.view() as tx:
        job_of(call, tx, job, Permission.JOB_RETRY)
    me = call.me.person
    keep_artifacts(call.service.pipelines, job, by=me.id, person=me.name, keep=keep)
    with call.service.store.view() as tx:
        return look_at_job(tx, job_of(call, tx, job, Permission.PIPELINE_VIEW))


PART = (get_job, get_job_log, play_job, retry_job, cancel_job, get_job_artifacts, keep_job_artifacts,
        let_job_artifacts_go)  # fmt: skip
