"""``plumb run``: run the pipeline, here and now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from plumbline.cli.errors import INTERRUPTED, JOB_FAILED, OK, status_of
from plumbline.cli.help import command, option
from plumbline.cli.isolation import isolation_option
from plumbline.cli.options import (
    change_options,
    colour_option,
    event_option,
    job_argument,
    open_pipeline,
    runnable_plan,
    settings,
)
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.cli.display.words import Paint
    from plumbline.cli.running import Watch
    from plumbline.flow.jobs.selection import Selection
    from plumbline.flow.jobs.tools import Tools
    from plumbline.kernel import Text
    from plumbline.model.pipeline import Plan
    from plumbline.model.run import RunRecord


@command(
    "run",
    t("Run the pipeline of .gitlab-ci.yml on this machine."),
    t("Without JOB the whole pipeline runs; with JOB only these jobs, without what they need unless --needs is given."),
    t("Every job gets its own copy of the repository; your working tree is never touched."),
    t("Exit status: 0 all well, 1 a job failed, 2 wrong configuration or usage, 3 the machine is not as needed."),
)
@job_argument("names", nargs=-1)
@option("--needs", is_flag=True, text=t("Also run everything that the named jobs need."))
@option("--stage", "stages", multiple=True, metavar="STAGE", text=t("Only the jobs of this stage; repeatable."))
@option("--manual", multiple=True, metavar="JOB", text=t("Play this manual job (`*`: all of them); repeatable."))
@option(
    "--job-input",
    "job_inputs",
    multiple=True,
    metavar="JOB.NAME=VALUE",
    text=t("A value for an input of a job, lists as JSON; repeatable."),
)
@option("--skip-delays", is_flag=True, text=t("Start delayed jobs without waiting."))
@option("-j", "--jobs", type=click.IntRange(1), metavar="N", text=t("How many jobs at the same time."))
@isolation_option()
@option("--shell", is_flag=True, text=t("Run jobs that name an image in the shell of this machine all the same."))
@option("--dry-run", is_flag=True, text=t("Only say what would start, in which order."))
@option("-v", "--verbose", is_flag=True, text=t("Show what the jobs print while they run."))
@option("--json", "as_json_", is_flag=True, text=t("Events as JSON lines (with --verbose also what jobs print)."))
@option("--junit", metavar="FILE", text=t("Write the jobs as JUnit XML to this file."))
@event_option
@colour_option
@change_options
def PART(dry_run: bool, colour: bool | None, event: str, **options: Any) -> int:  # noqa: N802
    from plumbline.cli.display.screen import paint_for
    from plumbline.wiring.local import guard

    paint = paint_for(colour)
    if dry_run:
        return _rehearse(options, event, paint)
    return guard(
        lambda: status_of(lambda: _run_and_report(options, event, paint)),
        settings(options, event),
        lambda dead: click.echo(_interrupted(dead), err=True),
    )


def _interrupted(dead: RunRecord) -> Text:
    return t("Run {run} was interrupted; what it left behind has been removed.", run=dead.id)


def _selection(options: dict[str, Any]) -> Selection:
    from plumbline.flow.jobs.selection import Selection

    return Selection(
        jobs=options["names"],
        stages=options["stages"],
        with_needs=options["needs"],
        manual=options["manual"],
        skip_delays=options["skip_delays"],
        inputs=_job_inputs(options["job_inputs"]),
    )


def _job_inputs(given: Sequence[str]) -> dict[str, dict[str, str]]:
    """By job and name. Raises PlumblineError ``not-a-pair``."""
    from plumbline.cli.options import pairs, wrong_usage

    found: dict[str, dict[str, str]] = {}
    for key, value in pairs(given, "--job-input").items():
        job, _, name = key.rpartition(".")
        if not job or not name:
            raise wrong_usage("not-a-pair", t("--job-input {argument}: expected JOB.NAME=VALUE.", argument=key))
        found.setdefault(job, {})[name] = value
    return found


def _run_and_report(options: dict[str, Any], event: str, paint: Paint) -> int:
    as_json, junit = options["as_json_"], options["junit"]
    tools = open_pipeline(options, event)
    plan = runnable_plan(tools, event, paint, to_stderr=as_json)
    record, signaled = _run(tools, plan, _selection(options), paint, as_json=as_json, verbose=options["verbose"])
    if not as_json:
        _summarize(tools, record, paint)
    if junit is not None:
        _write_junit(tools, record, junit)
    if not signaled:
        _check_manual(record, options["manual"])
    return _status(record, signaled)


def _check_manual(record: RunRecord, names: Sequence[str]) -> None:
    """A job to be played may have been one of a pipeline that was only started by this one. Raises PlumblineError
    ``unknown-job`` where none of them had it: then not all has happened that was asked for."""
    from plumbline.flow.jobs.selection import unknown_job

    known = [name for job in record.jobs for name in (job.name, job.group)]
    for name in names:
        if name != "*" and name not in known:
            raise unknown_job(name, list(dict.fromkeys(known)))


def _run(
    tools: Tools, plan: Plan, selection: Selection, paint: Paint, *, as_json: bool, verbose: bool
) -> tuple[RunRecord, int]:
    """The record of the run, and the number of the signal that ended it early (0: none)."""
    from plumbline.cli.running import Watch, signals_to
    from plumbline.flow.jobs.selection import select
    from plumbline.flow.runs.run_pipeline import run_pipeline

    count = len(select(plan, selection).jobs)
    with Watch(paint, count, as_json=as_json, verbose=verbose) as watch, signals_to(watch) as signals:
        _tell_interrupted(tools, watch)
        record = run_pipeline(
            tools,
            plan,
            selection,
            watch.tell,
            watch.control,
            follow_logs=watch.follows,
            on_start=watch.watch,
        )
    return record, signals.first


def _tell_interrupted(tools: Tools, watch: Watch) -> None:
    """Put in order what runs left whose process died, and say so."""
    from plumbline.model.run import RunEvent, RunEventKind

    for dead in tools.runs.sweep():
        watch.tell(RunEvent(kind=RunEventKind.NOTICE, time=tools.clock(), run=dead.id, message=_interrupted(dead)))


def _summarize(tools: Tools, record: RunRecord, paint: Paint) -> None:
    import sys

    from plumbline.cli.display.summary import summary
    from plumbline.cli.display.tail import Tails

    lines = summary(record, Tails(tools.runs, record.id), paint, lambda: tools.runs.newest(20))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _write_junit(tools: Tools, record: RunRecord, path: str) -> None:
    from pathlib import Path

    from plumbline.cli.display.junit import junit
    from plumbline.cli.display.tail import Tails
    from plumbline.kernel import PlumblineError

    try:
        Path(path).write_text(junit(record, Tails(tools.runs, record.id)), encoding="utf-8")
    except OSError as error:
        raise PlumblineError(
            "junit-not-written", t("Cannot write {path}: {reason}", path=path, reason=error.strerror or error)
        ) from error


def _status(record: RunRecord, signaled: int) -> int:
    from plumbline.model.job import State

    if signaled:
        return INTERRUPTED if signaled == 2 else 128 + signaled
    newest = {job.name: job for job in record.jobs if job.pipeline == 1}  # where a manual job waits, others may have
    failed = any(job.state is State.FAILED and not job.allow_failure for job in newest.values())
    return JOB_FAILED if failed or record.state in (State.FAILED, State.CANCELED) else OK


def _rehearse(options: dict[str, Any], event: str, paint: Paint) -> int:
    from plumbline.flow.runs.dry_run import rehearse

    plan = runnable_plan(open_pipeline(options, event), event, paint, to_stderr=options["as_json_"])
    waves, never = rehearse(plan, _selection(options))
    if options["as_json_"]:
        from plumbline.cli.display.events import as_json

        waves_by_name = [[job.name for job in wave] for wave in waves]
        click.echo(as_json({"waves": waves_by_name, "not_started": [job.name for job in never]}))
        return OK
    for number, wave in enumerate(waves, 1):
        for job in wave:
            click.echo(f"{number:>3}. {job.name} ({job.stage})")
    for job in never:
        click.echo(t("  -  {job} ({stage}): does not start by itself, when: {when}",
                     job=job.name, stage=job.stage, when=job.when))  # fmt: skip
    return OK
