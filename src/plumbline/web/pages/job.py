"""A job and its log: lines by their numbers, sections, search, the first error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote
from weakref import WeakKeyDictionary

import msgspec

from plumbline.access import Permission
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.web.artifacts import left
from plumbline.web.estate import find
from plumbline.web.jobs import rows
from plumbline.web.log_lines import BLOCK, LogIndex, LogIndexes, errors, is_echo, strip_marks
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, does, shows
from plumbline.web.states import look

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.web.desk import Desk, LogFile

MOST_LINES = 2000  # in one answer
MOST_FOUND = 1000
MOST_ECHOES = 40  # commands that speak of errors, before one is taken for the first
_JSON = "application/json"
_indexes: WeakKeyDictionary[Desk, LogIndexes] = WeakKeyDictionary()


@shows("/jobs/{job:int}")
def one(ask: Ask) -> Shown:
    job = ask.desk.job(ask.visitor, ask.numbers["job"])
    pipeline = ask.desk.pipeline(ask.visitor, job.pipeline)
    _, ancestors = find(ask, pipeline.project)
    jobs = ask.desk.jobs(ask.visitor, pipeline.id)
    plan = ask.desk.plan(ask.visitor, pipeline.id)
    attempts = [other for other in jobs if other.name == job.name]
    row = next((row for row in (rows(plan, jobs) if plan else ()) if row.job.id == job.id), None)
    message = job.result.message if job.result is not None else None
    values = {
        "job": job,
        "pipeline": pipeline,
        "line": ancestors,
        "line_links": True,
        "row": row,
        "looks": look(job.state, job.allow_failure),
        "why": row.why if row is not None else message,
        "attempts": attempts,
        "newer": attempts[-1].id if attempts[-1].id != job.id else 0,
        "retries": ask.desk.may(ask.visitor, Permission.JOB_RETRY, pipeline.project),
        "plays": ask.desk.may(ask.visitor, Permission.JOB_PLAY, pipeline.project),
        "left": left(ask.desk.artifacts(ask.visitor, job.id), job, pipeline.ref, ask.now),
        "downloads": ask.desk.may(ask.visitor, Permission.ARTIFACT_DOWNLOAD, pipeline.project),
        "log_days": ask.desk.days_of_log(ask.visitor, job.id),
        "cancels": ask.desk.may(ask.visitor, Permission.PIPELINE_CANCEL, pipeline.project),
        "command": api_command(f"/jobs/{job.id}/log"),
    }
    return Shown("job.html", values)


@shows("/jobs/{job:int}/lines", slow=True)
def lines(ask: Ask) -> Raw:
    """``first``: from 1; -1: the last page of ``count`` lines; with ``count`` 0 only what there is."""
    log = ask.desk.log(ask.visitor, ask.numbers["job"])
    if log is None:
        return _json({"first": 1, "lines": [], "total": 0, "live": False, "sections": []})
    index = _index(ask)
    live = log.live
    index.grow(log)
    count = min(ask.number("count"), MOST_LINES)
    first = ask.number("first")
    last_page = ask.text("first") == "-1"
    if last_page:
        first = max(0, index.lines - 1) // max(1, count) * count + 1
    answer: dict[str, object] = {
        "first": first,
        "lines": [strip_marks(line).decode("utf-8", "replace") for line in index.read(log, first, count)],
        "total": index.lines,
        "live": live,
    }
    if last_page or count == 0:
        answer["sections"] = [section._asdict() for section in index.sections(log)]
    return _json(answer)


@shows("/jobs/{job:int}/search", slow=True)
def search(ask: Ask) -> Raw:
    """Lines in which the text stands, whatever its case."""
    log, text = ask.desk.log(ask.visitor, ask.numbers["job"]), ask.text("q")
    if log is None or not text:
        return _json({"lines": [], "more": False})
    pattern = re.compile(re.escape(text[:200]).encode(), re.IGNORECASE)
    found = _index(ask).search(log, pattern, after=ask.number("after"), limit=MOST_FOUND + 1)
    return _json({"lines": found[:MOST_FOUND], "more": len(found) > MOST_FOUND})


@shows("/jobs/{job:int}/error", slow=True)
def error(ask: Ask) -> Raw:
    """The first line that looks like an error; 0: none does."""
    log = ask.desk.log(ask.visitor, ask.numbers["job"])
    if log is None:
        return _json({"line": 0})
    index = _index(ask)
    found = index.search(log, errors(), after=0, limit=MOST_ECHOES)
    told = (line for line in found if not any(map(is_echo, index.read(log, line, 1))))
    return _json({"line": next(told, found[0] if found else 0)})


@shows("/jobs/{job:int}/raw", slow=True)
def raw(ask: Ask) -> Raw:
    log: LogFile | None = ask.desk.log(ask.visitor, ask.numbers["job"])
    if log is None:
        raise PlumblineError("not-found", t("This job wrote nothing."), kind=ErrorKind.REFUSED)
    name = f"job-{ask.numbers['job']}.log"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Raw(_pieces(log), "text/plain; charset=utf-8", headers)


@shows("/jobs/{job:int}/artifacts/file", slow=True)
def artifact(ask: Ask) -> Raw:
    job, name = ask.numbers["job"], ask.text("name")
    shown = quote(f"job-{job}-{name.rpartition('/')[2]}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{shown}"}
    return Raw(ask.desk.left_file(ask.visitor, job, name), "application/octet-stream", headers)


@does("/jobs/{job:int}/retry")
def retry(ask: Ask) -> Redirect:
    return Redirect(f"/jobs/{ask.desk.retry(ask.visitor, ask.numbers['job'])}")


@does("/jobs/{job:int}/play")
def play(ask: Ask) -> Redirect:
    ask.desk.play(ask.visitor, ask.numbers["job"])
    return Redirect(f"/jobs/{ask.numbers['job']}")


@does("/jobs/{job:int}/cancel")
def cancel(ask: Ask) -> Redirect:
    ask.desk.cancel_job(ask.visitor, ask.numbers["job"])
    return Redirect(f"/jobs/{ask.numbers['job']}")


@does("/jobs/{job:int}/artifacts/keep")
def keep(ask: Ask) -> Redirect:
    ask.desk.keep_artifacts(ask.visitor, ask.numbers["job"], True)
    return Redirect(f"/jobs/{ask.numbers['job']}")


@does("/jobs/{job:int}/artifacts/let-go")
def let_go(ask: Ask) -> Redirect:
    ask.desk.keep_artifacts(ask.visitor, ask.numbers["job"], False)
    return Redirect(f"/jobs/{ask.numbers['job']}")


def _pieces(log: LogFile) -> Iterator[bytes]:
    offset = 0
    while piece := log.read(offset, BLOCK):
        offset += len(piece)
        yield piece


def _index(ask: Ask) -> LogIndex:
    return _indexes.setdefault(ask.desk, LogIndexes()).of(ask.numbers["job"])


def _json(value: object) -> Raw:
    return Raw(msgspec.json.encode(value), _JSON)


PART = (one, lines, search, error, raw, artifact, retry, play, cancel, keep, let_go)
