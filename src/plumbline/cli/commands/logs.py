"""``plumb logs``: what a job printed, masked as it was kept."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import click

from plumbline.cli.help import command, option
from plumbline.cli.options import colour_option, find_run, open_repository, repository_options, wrong_usage
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from pathlib import Path

    from plumbline.kernel import Text
    from plumbline.model.ports.jobs import RunStore
    from plumbline.model.run import JobRecord, RunRecord

_POLL = 0.2  # seconds between two looks at a log that is being written


@command(
    "logs",
    t("Show what a job printed."),
    t("The newest run is meant unless a run is named. Of a job that was retried the last attempt is shown."),
)
@click.argument("words", nargs=-1, required=True, metavar="[RUN] JOB")
@option("--run", "run_id", type=int, metavar="N", text=t("The number of the run (`plumb history`)."))
@option("-f", "--follow", is_flag=True, text=t("Wait for more until the job has finished."))
@option("--raw", is_flag=True, text=t("Every byte as it was kept, with colours and section marks."))
@option("--attempt", type=click.IntRange(1), metavar="N", text=t("This attempt rather than the last one."))
@colour_option
@repository_options
def PART(  # noqa: N802
    words: tuple[str, ...],
    run_id: int | None,
    follow: bool,
    raw: bool,
    attempt: int | None,
    colour: bool | None,
    **options: Any,
) -> None:
    from pathlib import Path

    from plumbline.cli.display.screen import paint_for

    name, run_id = _names(words, run_id)
    runs = open_repository(options).runs
    record = find_run(runs, run_id)
    job = _find_job(record, name, attempt)
    path = Path(runs.log_path(record.id, job.id))
    if not path.exists() and not (follow and not job.finished):
        raise wrong_usage(
            "no-log", t("Job '{job}' of run {run} has no log: it did not run.", job=job.name, run=record.id)
        )
    printer = _Printer(raw, paint_for(colour).enabled)
    position = _print_from(path, 0, printer)
    while follow and _goes_on(runs, record.id, job):
        time.sleep(_POLL)
        position = _print_from(path, position, printer)
    if follow:
        _print_from(path, position, printer)
    printer.close()


def _names(words: tuple[str, ...], run_id: int | None) -> tuple[str, int | None]:
    """``JOB``, or ``RUN JOB`` with a number before the job."""
    if len(words) == 1:
        return words[0], run_id
    if len(words) == 2 and run_id is None and words[0].isdecimal():
        return words[1], int(words[0])
    raise wrong_usage(
        "one-job",
        t("Expected one job, optionally with the number of a run before it."),
        t("A job name with spaces stands in quotes: plumb logs 'test 1/3'"),
    )


def _find_job(record: RunRecord, name: str, attempt: int | None) -> JobRecord:
    """By its name, or by ``2: name`` where it is one of that child pipeline; its last attempt, or the one asked for."""
    pipeline, colon, rest = name.partition(": ")
    found = [job for job in record.jobs if job.name == name]
    if not found and colon and pipeline.isdecimal():
        found = [job for job in record.jobs if job.name == rest and job.pipeline == int(pipeline)]
    if not found:
        raise _unknown(record, name)
    if attempt is None:
        return found[-1]
    of_it = [job for job in found if job.attempt == attempt]
    if not of_it:
        raise wrong_usage(
            "no-such-attempt",
            t("Job '{job}' of run {run} has no attempt {attempt}.", job=name, run=record.id, attempt=attempt),
            t("The last one is {attempt}.", attempt=max(job.attempt for job in found)),
        )
    return of_it[-1]


def _unknown(record: RunRecord, name: str) -> PlumblineError:
    from plumbline.pipeline import did_you_mean

    names = list(dict.fromkeys(job.name for job in record.jobs))
    instances = [job.name for job in record.jobs if job.group == name]
    if instances:
        shown = ", ".join(f"'{one}'" for one in dict.fromkeys(instances))
        hint: Text | None = t("It ran as {names}; name one of these.", names=shown)
    else:
        hint = did_you_mean(name, names)
    return wrong_usage("unknown-job", t("Run {run} has no job '{job}'.", run=record.id, job=name), hint)


def _goes_on(runs: RunStore, run: int, job: JobRecord) -> bool:
    try:
        record = runs.load(run)
    except PlumblineError:
        return False
    if record is None or record.finished or record.interrupted:
        return False
    return not any(other.id == job.id and other.finished for other in record.jobs)


class _Printer:
    """Writes a log to standard output: as it is, or line by line without section marks."""

    def __init__(self, raw: bool, colours: bool) -> None:
        self._raw = raw
        self._colours = colours
        self._rest = b""

    def feed(self, data: bytes) -> None:
        if self._raw:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            *lines, self._rest = (self._rest + data).split(b"\n")
            for line in lines:
                self._line(line)
        sys.stdout.flush()

    def close(self) -> None:
        if self._rest:
            self._line(self._rest)

    def _line(self, line: bytes) -> None:
        from plumbline.cli.display.log_lines import clean, coloured, is_mark

        text = line.decode(errors="replace")
        if not is_mark(text):
            sys.stdout.write((coloured(text) if self._colours else clean(text)) + "\n")


def _print_from(path: Path, position: int, printer: _Printer) -> int:
    try:
        with path.open("rb") as file:
            file.seek(position)
            while chunk := file.read(1 << 16):
                printer.feed(chunk)
            return file.tell()
    except FileNotFoundError:
        return position
