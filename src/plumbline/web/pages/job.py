"""A job and its log: lines by their numbers, sections, search, the first error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from plumbline.access import use_cases
from plumbline.flow.pipelines.cancel_retry_play import cancel_job, play_job, retry_job
from plumbline.flow.pipelines.keep_artifacts import artifact_file, keep_artifacts
from plumbline.flow.pipelines.questions import questions_about_job
from plumbline.flow.pipelines.read import pipeline_acts, read_log, view_job, view_pipeline, view_plan
from plumbline.flow.pipelines.whence import JOB_NOWHERE, NOWHERE, whence, whence_of_jobs
from plumbline.web.artifacts import left
from plumbline.web.begun import acted, begun
from plumbline.web.found import found_by_job
from plumbline.web.job_inputs import given_inputs, input_fields
from plumbline.web.jobs import rows
from plumbline.web.log_lines import BLOCK, LogIndexes, errors, is_echo, shown
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, does, shows
from plumbline.web.proposed_reports import proposed
from plumbline.web.states import look
from plumbline.web.sure import asked_first
from plumbline.web.tree import find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.access import UseCase
    from plumbline.flow.jobs.job_log import LogFile, StoredLog

MOST_LINES = 2000  # in one answer
MOST_FOUND = 1000
MOST_ECHOES = 40  # commands that speak of errors, before one is taken for the first
_JSON = "application/json"
_indexes = LogIndexes()


@shows("/jobs/{job:int}", use_case=use_cases.VIEW_JOB, inside="pipelines")
def one(ask: Ask) -> Shown:
    server = ask.tools.pipelines
    pipeline, job, kept = view_job(ask.actor, server, ask.numbers["job"])
    _, ancestors = find(ask, pipeline.project)
    jobs, plan = view_pipeline(ask.actor, server, pipeline.id).jobs, view_plan(ask.actor, server, pipeline.id)
    attempts = [other for other in jobs if other.name == job.name]
    inputs = input_fields(plan.job(job.name), job)
    origin = whence(ask.actor, server, [pipeline]).get(pipeline.id, NOWHERE)
    known = whence_of_jobs(ask.actor, server, attempts)
    row = next((row for row in rows(plan, jobs, known) if row.job.id == job.id), None)
    own = known.get(job.id, JOB_NOWHERE)
    message = job.result.message if job.result is not None else None
    values = {
        "job": job,
        "pipeline": pipeline,
        "ancestors": ancestors,
        "links_itself": True,
        "row": row,
        "begun": begun(pipeline, origin),
        "who": acted(job, own),
        "child": own.child,
        "parent": origin.parent,
        "inputs": inputs,
        "looks": look(job.state, job.allow_failure),
        "proposed": proposed(job.result),
        "why": row.why if row is not None else message,
        "attempts": attempts,
        "newer": attempts[-1].id if attempts[-1].id != job.id else 0,
        "acts": pipeline_acts(ask.actor, server, pipeline.project),
        "found": found_by_job(ask, pipeline, job),
        "left": left(kept, job, pipeline.ref, ask.now),
        "log_days": read_log(ask.actor, server, job.id).days,
        "command": api_command(f"/jobs/{job.id}/log"),
    }
    return Shown("job.html", values)


@shows("/jobs/{job:int}/lines", slow=True, use_case=use_cases.READ_LOG)
def lines(ask: Ask) -> Raw:
    """``first``: from 1; -1: the last page of ``count`` lines; with ``count`` 0 only what there is."""
    log = _log(ask)
    if log is None:
        return _json({"first": 1, "lines": [], "total": 0, "live": False, "sections": []})
    index = _indexes.of(log.path)
    live = log.live
    index.grow(log)
    count = min(ask.number("count"), MOST_LINES)
    first = ask.number("first")
    last_page = ask.text("first") == "-1"
    if last_page:
        first = max(0, index.lines - 1) // max(1, count) * count + 1
    answer: dict[str, object] = {
        "first": first,
        "lines": [shown(line) for line in index.read(log, first, count)],
        "total": index.lines,
        "live": live,
    }
    if last_page or count == 0:
        answer["sections"] = [section._asdict() for section in index.sections(log)]
    return _json(answer)


@shows("/jobs/{job:int}/search", slow=True, use_case=use_cases.READ_LOG)
def search(ask: Ask) -> Raw:
    """Lines in which the text stands, whatever its case."""
    log, text = _log(ask), ask.text("q")
    if log is None or not text:
        return _json({"lines": [], "more": False})
    pattern = re.compile(re.escape(text[:200]).encode(), re.IGNORECASE)
    found = _indexes.of(log.path).search(log, pattern, after=ask.number("after"), limit=MOST_FOUND + 1)
    return _json({"lines": found[:MOST_FOUND], "more": len(found) > MOST_FOUND})


@shows("/jobs/{job:int}/error", slow=True, use_case=use_cases.READ_LOG)
def error(ask: Ask) -> Raw:
    """The first line that looks like an error; 0: none does."""
    log = _log(ask)
    if log is None:
        return _json({"line": 0})
    index = _indexes.of(log.path)
    found = index.search(log, errors(), after=0, limit=MOST_ECHOES)
    told = (line for line in found if not any(map(is_echo, index.read(log, line, 1))))
    return _json({"line": next(told, found[0] if found else 0)})


@shows("/jobs/{job:int}/raw", slow=True, use_case=use_cases.READ_LOG)
def raw(ask: Ask) -> Raw:
    log = read_log(ask.actor, ask.tools.pipelines, ask.numbers["job"]).existing()
    headers = {"Content-Disposition": f'attachment; filename="job-{ask.numbers["job"]}.log"'}
    return Raw(_pieces(log), "text/plain; charset=utf-8", headers)


@shows("/jobs/{job:int}/artifacts/file", slow=True, use_case=use_cases.DOWNLOAD_ARTIFACTS)
def artifact(ask: Ask) -> Raw:
    job, name = ask.numbers["job"], ask.text("name")
    file = artifact_file(ask.actor, ask.tools.pipelines, job, name)
    shown = quote(f"job-{job}-{name.rpartition('/')[2]}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{shown}"}
    return Raw(file.blocks, "application/octet-stream", headers | {"Content-Length": str(file.size)})


@does("/jobs/{job:int}/retry", use_case=use_cases.RETRY_JOB)
def retry(ask: Ask) -> Shown | Redirect:
    if asked := _asked_first(ask, use_cases.RETRY_JOB):
        return asked
    attempt = retry_job(ask.actor, ask.tools.pipelines, ask.numbers["job"], given_inputs(ask.form))
    return Redirect(f"/jobs/{attempt.id}")


@does("/jobs/{job:int}/play", use_case=use_cases.PLAY_JOB)
def play(ask: Ask) -> Shown | Redirect:
    if asked := _asked_first(ask, use_cases.PLAY_JOB):
        return asked
    played = play_job(ask.actor, ask.tools.pipelines, ask.numbers["job"], given_inputs(ask.form))
    return Redirect(f"/jobs/{played.id}")


@does("/jobs/{job:int}/cancel", use_case=use_cases.CANCEL_JOB)
def cancel(ask: Ask) -> Redirect:
    return Redirect(f"/jobs/{cancel_job(ask.actor, ask.tools.pipelines, ask.numbers['job']).job.id}")


@does("/jobs/{job:int}/artifacts/keep", use_case=use_cases.KEEP_ARTIFACTS)
def keep(ask: Ask) -> Redirect:
    return Redirect(f"/jobs/{keep_artifacts(ask.actor, ask.tools.pipelines, ask.numbers['job']).job.id}")


@does("/jobs/{job:int}/artifacts/let-go", use_case=use_cases.KEEP_ARTIFACTS)
def let_go(ask: Ask) -> Redirect:
    return Redirect(f"/jobs/{keep_artifacts(ask.actor, ask.tools.pipelines, ask.numbers['job'], keep=False).job.id}")


def _asked_first(ask: Ask, use_case: UseCase) -> Shown | None:
    job = ask.numbers["job"]
    return asked_first(ask, questions_about_job(ask.actor, ask.tools.pipelines, use_case, job), f"/jobs/{job}")


def _log(ask: Ask) -> StoredLog | None:
    return read_log(ask.actor, ask.tools.pipelines, ask.numbers["job"]).log


def _pieces(log: LogFile) -> Iterator[bytes]:
    offset = 0
    while piece := log.read(offset, BLOCK):
        offset += len(piece)
        yield piece


def _json(value: object) -> Raw:
    return Raw(msgspec.json.encode(value), _JSON)


PART = (one, lines, search, error, raw, artifact, retry, play, cancel, keep, let_go)
