"""Jobs: seen, played, tried again, canceled; and what they printed."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.responses import Response

from plumbline.access import Permission
from plumbline.api.call import Call, Raw
from plumbline.api.fields import Id
from plumbline.api.problem import not_found
from plumbline.api.ranges import read_part
from plumbline.api.route import route
from plumbline.api.shown import JobView, job_of, view_job
from plumbline.flow.server import cancel_job as cancel
from plumbline.flow.server import play_job as play
from plumbline.flow.server import retry_job as retry
from plumbline.kernel import t

MOST = 4 << 20  # bytes of a log in one answer


class Tail(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tail: Annotated[int, Meta(ge=1, le=MOST, description="Only so many bytes from the end.")] | None = None


@route("GET", "/jobs/{job}", t("One attempt at one job."))
def get_job(call: Call, job: Id) -> JobView:
    with call.service.store.view() as records:
        return view_job(job_of(call, records, job, Permission.PIPELINE_VIEW))


@route("GET", "/jobs/{job}/log", t("What the job printed so far; a Range of it, or its end."),
       slow=True, refusals=(206, 416),
       media="text/plain")  # fmt: skip
def get_job_log(call: Call, job: Id, query: Tail) -> Raw | Response:
    with call.service.store.view() as records:
        found = job_of(call, records, job, Permission.PIPELINE_VIEW)
    path = call.service.log_of(found)
    if path is None:
        raise not_found(t("Job {job} has printed nothing yet.", job=job))
    return read_part(path, call.headers.get("range", ""), query.tail, MOST)


@route("POST", "/jobs/{job}/play", t("Start a manual job, or a delayed one before its time."), refusals=(409,))
def play_job(call: Call, job: Id) -> JobView:
    with call.service.store.view() as records:
        job_of(call, records, job, Permission.JOB_PLAY)
    me = call.me.person
    return view_job(play(call.service.pipelines, job, by=me.id, person=me.name))


@route("POST", "/jobs/{job}/retry", t("A new attempt at a job that ended."), status=201, refusals=(409,))
def retry_job(call: Call, job: Id) -> JobView:
    with call.service.store.view() as records:
        job_of(call, records, job, Permission.JOB_RETRY)
    me = call.me.person
    return view_job(retry(call.service.pipelines, job, by=me.id, person=me.name))


@route("POST", "/jobs/{job}/cancel", t("Cancel a job. One that has ended stays as it is."), refusals=(409,))
def cancel_job(call: Call, job: Id) -> JobView:
    with call.service.store.view() as records:
        job_of(call, records, job, Permission.PIPELINE_CANCEL)
    cancel(call.service.pipelines, job, person=call.me.person.name)
    with call.service.store.view() as records:
        return view_job(job_of(call, records, job, Permission.PIPELINE_VIEW))


PART = (get_job, get_job_log, play_job, retry_job, cancel_job)
