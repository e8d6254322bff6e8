"""The jobs of a run as JUnit XML: one test case for each job, for tools that know nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from plumbline.cli.display.log_lines import clean
from plumbline.cli.display.words import reason_word, state_word, why_failed
from plumbline.kernel import t
from plumbline.model.job import State
from plumbline.model.run import JobRecord, RunRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(record: RunRecord, tail: Callable[[JobRecord], Sequence[str]]) -> str:
    """The report. ``tail`` gives the last lines of a job's log, masked as the log is.

    Only a failure that counts is one here: an allowed one, and a job that did not run, is skipped with the reason.
    Of a job that was retried the last attempt counts.
    """
    jobs = list({(job.pipeline, job.name): job for job in record.jobs}.values())
    cases = [_case(job, tail) for job in jobs]
    failed = sum(1 for job in jobs if _counts(job))
    errors = sum(1 for job in jobs if job.state is State.CANCELED)
    skipped = sum(1 for job in jobs if job.state is not State.SUCCESS) - failed - errors
    numbers = f'tests="{len(jobs)}" failures="{failed}" errors="{errors}" skipped="{skipped}"'
    name = _attribute(record.name or record.project or "pipeline")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites {numbers} time="{record.duration:.3f}">\n'
        f'<testsuite name={name} {numbers} time="{record.duration:.3f}">\n'
        + "".join(cases)
        + "</testsuite>\n</testsuites>\n"
    )


def _counts(job: JobRecord) -> bool:
    return job.state is State.FAILED and not job.allow_failure


def _case(job: JobRecord, tail: Callable[[JobRecord], Sequence[str]]) -> str:
    head = f'<testcase classname={_attribute(job.stage)} name={_attribute(job.name)} time="{job.duration:.3f}">'
    return f"{head}{_verdict(job, tail)}</testcase>\n"


def _verdict(job: JobRecord, tail: Callable[[JobRecord], Sequence[str]]) -> str:
    if job.state is State.SUCCESS:
        return ""
    if job.state is State.FAILED:
        lines = "\n".join(clean(line) for line in tail(job))
        if not job.allow_failure:
            kind = _attribute(str(job.reason or "failed"))
            return f"<failure type={kind} message={_attribute(why_failed(job))}>{_text(lines)}</failure>"
        message = str(t("failed, and its failure is allowed: {reason}", reason=why_failed(job)))
        return f"<skipped message={_attribute(message)}/><system-out>{_text(lines)}</system-out>"
    message = job.message or str(reason_word(job.reason) or state_word(job.state))
    return f"<{'error' if job.state is State.CANCELED else 'skipped'} message={_attribute(message)}/>"


def _attribute(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("", text))


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("", text))
