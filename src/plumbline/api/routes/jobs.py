"""Jobs: seen, played, tried again, canceled; and what they printed."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import msgspec
from msgspec import Meta
from starlette.responses import Response, StreamingResponse

from plumbline.access import use_cases
from plumbline.api.call import Call, Raw
from plumbline.api.fields import Id, InputValue
from plumbline.api.ranges import read_part
from plumbline.api.route import route
from plumbline.api.shown import JobView, show_job
from plumbline.flow.pipelines import cancel_retry_play as acts
from plumbline.flow.pipelines.keep_artifacts import artifact_file, keep_artifacts
from plumbline.flow.pipelines.read import JobSeen, read_log, view_job
from plumbline.kernel import t

MOST = 4 << 20  # bytes of a log in one answer
MANY = 50  # inputs of a job
InputName = Annotated[str, Meta(min_length=1, max_length=255)]


class Tail(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tail: Annotated[int, Meta(ge=1, le=MOST, description="Only so many bytes from the end.")] | None = None


@route("GET", "/jobs/{job}", t("One attempt at one job."), use_case=use_cases.VIEW_JOB)
def get_job(call: Call, job: Id) -> JobView:
    return _show(call, view_job(call.actor, call.tools.pipelines, job))


@route("GET", "/jobs/{job}/log", t("What the job printed so far; a Range of it, or its end."),
       slow=True, refusals=(206, 416), media="text/plain", use_case=use_cases.READ_LOG)  # fmt: skip
def get_job_log(call: Call, job: Id, query: Tail) -> Raw | Response:
    log = read_log(call.actor, call.tools.pipelines, job).existing()
    return read_part(log.path, call.headers.get("range", ""), query.tail, MOST)


class GivenInputs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``inputs``: values for those of the job that are to have another than before."""

    inputs: Annotated[dict[InputName, InputValue], Meta(max_length=MANY)] = {}


@route("POST", "/jobs/{job}/play", t("Start a manual job, or a delayed one before its time."), refusals=(409, 422),
       use_case=use_cases.PLAY_JOB)  # fmt: skip
def play_job(call: Call, job: Id, body: GivenInputs | None) -> JobView:
    return show_job(call, acts.play_job(call.actor, call.tools.pipelines, job, body.inputs if body else {}))


@route("POST", "/jobs/{job}/retry", t("A new attempt at a job that ended."), status=201, refusals=(409, 422),
       use_case=use_cases.RETRY_JOB)  # fmt: skip
def retry_job(call: Call, job: Id, body: GivenInputs | None) -> JobView:
    return show_job(call, acts.retry_job(call.actor, call.tools.pipelines, job, body.inputs if body else {}))


@route("POST", "/jobs/{job}/cancel", t("Cancel a job. One that has ended stays as it is."), refusals=(409,),
       use_case=use_cases.CANCEL_JOB)  # fmt: skip
def cancel_job(call: Call, job: Id) -> JobView:
    return _show(call, acts.cancel_job(call.actor, call.tools.pipelines, job))


@route("POST", "/jobs/{job}/artifacts/keep", t("Keep what the job left for ever, whatever its time."), refusals=(409,),
       use_case=use_cases.KEEP_ARTIFACTS)  # fmt: skip
def keep_job_artifacts(call: Call, job: Id) -> JobView:
    return _show(call, keep_artifacts(call.actor, call.tools.pipelines, job))


@route("DELETE", "/jobs/{job}/artifacts/keep", t("Let what the job left go when its time is over, after all."),
       refusals=(409,), use_case=use_cases.KEEP_ARTIFACTS)  # fmt: skip
def let_job_artifacts_go(call: Call, job: Id) -> JobView:
    return _show(call, keep_artifacts(call.actor, call.tools.pipelines, job, keep=False))


class LeftFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``name``: as the job's ``result.kept`` has it."""

    name: Annotated[str, Meta(min_length=1, max_length=5000)] = "artifacts.zip"


@route("GET", "/jobs/{job}/artifacts", t("A file that the job left: the archive of its artifacts, or a report."),
       slow=True, refusals=(409,), media="application/octet-stream",
       use_case=use_cases.DOWNLOAD_ARTIFACTS)  # fmt: skip
def get_job_artifacts(call: Call, job: Id, query: LeftFile) -> Response:
    left = artifact_file(call.actor, call.tools.pipelines, job, query.name)
    shown = quote(f"job-{job}-{query.name.rpartition('/')[2]}")
    disposition = {"Content-Disposition": f"attachment; filename*=UTF-8''{shown}"}
    headers = {"Content-Length": str(left.size), **disposition}
    return StreamingResponse(left.blocks, media_type="application/octet-stream", headers=headers)


def _show(call: Call, seen: JobSeen) -> JobView:
    return show_job(call, seen.job, seen.left)


PART = (get_job, get_job_log, play_job, retry_job, cancel_job, get_job_artifacts, keep_job_artifacts,
        let_job_artifacts_go)  # fmt: skip
