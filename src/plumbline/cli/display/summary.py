"""What is said when a run is over: the failed jobs first, and the verdict last, where the eye is."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from plumbline.cli.display.caches import cache_worth
from plumbline.cli.display.screen import width
from plumbline.cli.display.table import table
from plumbline.cli.display.words import Paint, duration, sign, size, state_word, why_failed
from plumbline.kernel import t
from plumbline.kernel.text import nt
from plumbline.model.job import State
from plumbline.model.run import JobRecord, RunRecord
from plumbline.pipeline import critical_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_MOST_ROWS = 40  # a longer table hides what matters: then only jobs that are not simply successful are listed
_MOST_NAMES = 6
_NEVER_RAN = (State.SKIPPED, State.MANUAL, State.SCHEDULED, State.CREATED, State.PENDING, State.WAITING_FOR_RESOURCE)


def summary(
    record: RunRecord,
    tail: Callable[[JobRecord], Sequence[str]],
    paint: Paint,
    history: Callable[[], Sequence[RunRecord]] = tuple,
) -> Iterator[str]:
    """The lines of the summary. ``history`` is asked for earlier runs only when a cache was used."""
    newest = latest(record)
    yield from _failures(newest, tail, paint)
    yield from _table(newest, record.stages, paint)
    yield from _not_run(newest, paint)
    yield from _warnings(newest, paint)
    yield from _reported(newest)
    yield from _figures(record, newest)
    if any(job.caches for job in newest):
        yield from _caches(record, history(), paint)
    yield ""
    yield _verdict(record, newest, paint)
    yield from _where_logs_are(record, newest)


def latest(record: RunRecord) -> list[JobRecord]:
    """The last attempt of every job, pipeline by pipeline."""
    return list({(job.pipeline, job.name): job for job in record.jobs}.values())


def shown_name(job: JobRecord) -> str:
    """The job's name; inside a child pipeline the number of that pipeline stands before it."""
    return job.name if job.pipeline <= 1 else f"{job.pipeline}: {job.name}"


def _failures(jobs: Sequence[JobRecord], tail: Callable[[JobRecord], Sequence[str]], paint: Paint) -> Iterator[str]:
    failed = [job for job in jobs if job.state is State.FAILED]
    for job in sorted(failed, key=lambda job: not job.allow_failure):  # what decides the verdict comes last
        mark, colour = sign(job.state, allowed=job.allow_failure)
        yield ""
        yield paint(f"{mark} {shown_name(job)}: {why_failed(job)}", colour)
        yield from (f"  {paint('│', colour)} {line}" for line in tail(job))


def _table(jobs: Sequence[JobRecord], stages: Sequence[str], paint: Paint) -> Iterator[str]:
    order = {stage: position for position, stage in enumerate(stages)}
    ordered = sorted(jobs, key=lambda job: (job.pipeline, order.get(job.stage, 0)))
    shown = ordered if len(jobs) <= _MOST_ROWS else [job for job in ordered if job.state is State.FAILED]
    yield ""
    if len(shown) < len(jobs):
        yield from _by_stage(ordered)
    if not shown:
        return
    rows = [
        (job.stage, shown_name(job), f"{sign(job.state, allowed=job.allow_failure)[0]} {_state(job)}", _took(job))
        for job in shown
    ]
    heading = (t("stage"), t("job"), t("state"), t("duration"))
    head, *lines = table(heading, rows, right=frozenset({3}), width=width())
    yield paint(head, "dim")
    for job, line in zip(shown, lines, strict=True):
        yield paint(line, sign(job.state, allowed=job.allow_failure)[1]) if job.state is not State.SUCCESS else line


def _by_stage(jobs: Sequence[JobRecord]) -> Iterator[str]:
    stages: dict[tuple[int, str], list[JobRecord]] = {}
    for job in jobs:
        stages.setdefault((job.pipeline, job.stage), []).append(job)
    rows = [
        (stage if pipeline <= 1 else f"{pipeline}: {stage}", len(members), counted(members))
        for (pipeline, stage), members in stages.items()
    ]
    yield from table((t("stage"), t("jobs"), t("states")), rows, right=frozenset({1}))


def _state(job: JobRecord) -> str:
    word = str(state_word(job.state, allowed=job.allow_failure))
    return word if job.attempt <= 1 else f"{word} ({t('attempt {number}', number=job.attempt)})"


def _took(job: JobRecord) -> str:
    return duration(job.duration) if job.started else ""


def counted(jobs: Sequence[JobRecord]) -> str:
    """``12 success, 1 failed, 2 skipped``, in that order."""
    counts: dict[str, int] = {}
    for job in sorted(jobs, key=lambda job: list(State).index(job.state)):
        word = str(state_word(job.state, allowed=job.allow_failure))
        counts[word] = counts.get(word, 0) + 1
    return ", ".join(f"{number} {word}" for word, number in counts.items())


def _not_run(jobs: Sequence[JobRecord], paint: Paint) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for job in jobs:
        if job.state in _NEVER_RAN:
            groups.setdefault(_why_not_run(job), []).append(shown_name(job))
    if groups:
        yield ""
    for reason, names in groups.items():
        some = ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")
        line = nt("{count} job did not run, {reason}: {names}", "{count} jobs did not run, {reason}: {names}",
                  len(names), reason=reason, names=some)  # fmt: skip
        yield paint(line, "dim")


def _why_not_run(job: JobRecord) -> str:
    if job.message:
        return job.message
    if job.state is State.MANUAL:
        return str(t("manual (play one with `--manual JOB`)"))
    if job.state is State.SKIPPED:
        return str(t("skipped because of what came before"))
    return str(state_word(job.state))


def _warnings(jobs: Sequence[JobRecord], paint: Paint) -> Iterator[str]:
    for job in jobs:
        for warning in job.warnings:
            yield paint(t("warning: {job}: {warning}", job=shown_name(job), warning=warning), "yellow")


def _reported(jobs: Sequence[JobRecord]) -> Iterator[str]:
    """What report files say: tests that failed, coverage, what scans found."""
    lines = [t("{job}: {line}", job=shown_name(job), line=line) for job in jobs for line in job.reported]
    if lines:
        yield ""
    yield from map(str, lines)


def _figures(record: RunRecord, jobs: Sequence[JobRecord]) -> Iterator[str]:
    path = critical_path(record.jobs, record.stages)
    if len(path) > 1:
        steps = " → ".join(
            f"{link.job.name} {duration(link.job.duration)}"
            + (f" ({t('after waiting {time}', time=duration(link.waited))})" if link.waited >= 0.1 else "")
            for link in path
        )
        total = path[-1].job.finished - path[0].job.started + path[0].waited
        yield ""
        yield str(t("critical path {time}: {steps}", time=duration(total), steps=steps))
    covered = [f"{shown_name(job)} {job.coverage:g}%" for job in jobs if job.coverage is not None]
    if covered:
        yield str(t("coverage: {figures}", figures=", ".join(covered)))


def _caches(record: RunRecord, history: Sequence[RunRecord], paint: Paint) -> Iterator[str]:
    for worth in cache_worth(record, history):
        hit = t("hit") if worth.hits else t("miss")
        line = t("cache of {job}: {hit}, {size}, {time}", job=worth.job, hit=hit, size=size(worth.size),
                 time=duration(worth.cost))  # fmt: skip
        if worth.saved is None:
            yield str(line)
            continue
        saved = t("; the script was {saved} faster than without", saved=duration(max(0.0, worth.saved)))
        yield f"{line}{saved}"
        if worth.loses:
            warning = t("warning: the cache of {job} costs more time than it saves", job=worth.job)
            yield paint(warning, "yellow")


def _verdict(record: RunRecord, jobs: Sequence[JobRecord], paint: Paint) -> str:
    mark, colour = sign(record.state)
    line = t(
        "{mark} pipeline {id}: {state} in {time} ({counts})",
        mark=mark,
        id=record.id,
        state=state_word(record.state),
        time=duration(record.duration),
        counts=counted(jobs),
    )
    return paint(line, colour)


def _where_logs_are(record: RunRecord, jobs: Sequence[JobRecord]) -> Iterator[str]:
    failed = next((job for job in jobs if job.state is State.FAILED and not job.allow_failure), None)
    example = failed or next((job for job in jobs if job.started), None)
    if example is not None:
        yield str(t("logs: plumb logs {run} {job}", run=record.id, job=shlex.quote(shown_name(example))))
