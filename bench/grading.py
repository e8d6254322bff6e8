"""Assessing: one system in a ledger of a million events, an estate of two hundred, and one large repository."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure import CommandError, Figure, against_peer, alternate, command, seconds, within
from plumbline.adapters.packs import load_pack
from plumbline.adapters.store import StoreSettings, open_store
from plumbline.evidence import write_event
from plumbline.evidence.vocabulary import Reference, cdevents_core, own_delivery
from plumbline.evidence.vocabulary import facts as about
from plumbline.flow.assessments.assess_ledger import grade_now, standing_now
from plumbline.flow.unit_of_work import Units
from plumbline.wiring.assessments import assessment_tools, render_assessment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.flow.assessments.tools import AssessmentTools
    from plumbline.model.event import EventDraft

EVENTS = int(os.environ.get("BENCH_EVENTS", "1000000"))
SYSTEMS = 200
COMMITS = 90_000
PACK = "continuous-delivery"
_DAYS, _HOUR = 90, 3_600_000_000
_SOURCE = f"urn:plumbline:{'5f' * 8}"
_NOW = 1_780_000_000_000_000  # microseconds since the epoch
_AT_ONCE = 2000


def of_systems(scratch: Path) -> Iterator[Figure]:
    """49 items of one system over 90 days with a million events in the ledger, then of all two hundred."""
    store = open_store(StoreSettings(data=str(scratch), address="", create=True, upgrade=True))
    try:
        waiting: list[EventDraft] = []
        for draft in _events():
            waiting.append(draft)
            if len(waiting) == _AT_ONCE:
                store.ledger.append(waiting)
                waiting = []
        store.ledger.append(waiting)
        units = Units(store, _SOURCE, lambda: _NOW, lambda: os.urandom(16).hex())
        tools = assessment_tools(str(scratch), units, store.ledger, lambda: None)
        yield from _graded(tools, scratch)
    finally:
        store.close()


def _graded(tools: AssessmentTools, scratch: Path) -> Iterator[Figure]:
    load_pack(PACK)
    gc.collect()
    gc.freeze()  # as the server does once it runs
    one = min(seconds(lambda: grade_now(tools, "bank/s7", PACK)) for _ in range(3))
    size = tools.ledger.size()
    note = f"the pack is loaded; {size:,} entries in the ledger, {size // SYSTEMS:,} of this system"
    yield within("grade of one system", "s", one, 2, note)
    begun = time.perf_counter()
    standing = standing_now(tools)
    made = [grade_now(tools, f"bank/s{number}", PACK, standing) for number in range(SYSTEMS)]
    whole = time.perf_counter() - begun
    if not all(one.verdicts for each in made for one in each.every_item()):
        raise CommandError("an item without verdicts")
    yield within(f"grade of {SYSTEMS} systems", "s", whole, 15, "one after the other, in one process")
    pdf = seconds(lambda: (scratch / "report.pdf").write_bytes(render_assessment(made[0], "zh_CN", "pdf")))
    size = (scratch / "report.pdf").stat().st_size
    yield within(
        "report as PDF", "s", pdf, 3, f"the first one of the process, 49 items in Chinese, {size / 1000:,.0f} kB"
    )


def _events() -> Iterator[EventDraft]:
    """Commits, runs and jobs of all systems over 90 days, in turn."""
    step = _DAYS * 24 * _HOUR // (EVENTS // SYSTEMS)
    for number in range(EVENTS // SYSTEMS // 8):
        for system in range(SYSTEMS):
            time_ = _NOW - _DAYS * 24 * _HOUR + number * 8 * step
            yield from _run(f"bank/s{system}", f"{system:08x}{number:024x}", number, time_)


def _run(project: str, run: str, number: int, now: int) -> Iterator[EventDraft]:
    """One commit, its pipeline and two jobs: eight events."""
    sha = f"{run}{'0' * 8}"
    fact = about.CommitFact(sha=sha, authored=_at(now), committed=_at(now), author=f"dev{number % 7}", files=3,
                            kinds=("code", "unit-test"), work_items=("PAY-12",))  # fmt: skip
    reference = Reference(id=project, source=_SOURCE)
    content = own_delivery.CommitObserved(repository=reference, ref="refs/heads/main", commits=(fact,))
    yield _event(content, f"commit:{sha}", sha, now, {"project": project})
    outcome = "failure" if number % 9 == 0 else "success"
    facts = about.RunFacts(project=project, ref="main", commit=sha, trigger="push", person=f"dev{number % 7}")
    yield _event(cdevents_core.PipelineRunQueued(pipeline_name="p"), f"{run}:q", run, now, facts)
    started = cdevents_core.PipelineRunStarted(pipeline_name="p", uri=f"urn:plumbline:{run}")
    yield _event(started, f"{run}:s", run, now + 1_000_000, facts)
    task = about.TaskFacts(attempt=1, stage="test", runner="r", commit=sha, project=project)
    owner = Reference(id=run, source=_SOURCE)
    for job in ("build", "unit"):
        begun = cdevents_core.TaskRunStarted(task_name=job, pipeline_run=owner)
        yield _event(begun, f"{run}/{job}:s", f"{run}/{job}", now + 2_000_000, task)
        ended = cdevents_core.TaskRunFinished(task_name=job, pipeline_run=owner, outcome=outcome)
        yield _event(ended, f"{run}/{job}:f", f"{run}/{job}", now + 60_000_000, task)
    finished = cdevents_core.PipelineRunFinished(pipeline_name="p", outcome=outcome)
    yield _event(finished, f"{run}:f", run, now + 61_000_000, facts)


def _event(content, id_, subject, now, facts) -> EventDraft:  # type: ignore[no-untyped-def]
    return write_event(content, id=id_, source=_SOURCE, subject=subject, time=now, facts=facts, checked=False)


def _at(now: int) -> str:
    from plumbline.evidence import timestamp

    return timestamp(now)


def of_repository(scratch: Path) -> Iterator[Figure]:
    """`plumb assess` of a repository with 90,000 commits, against `git log --raw` of it.

    BENCH_REPOSITORY names a real one; without it one is made, whose small trees are kind to git.
    """
    folder = os.environ.get("BENCH_REPOSITORY") or str(_made(scratch))
    git = command(["git", "log", "--raw", "--all"], folder)
    ours = command([sys.executable, "-m", "plumbline", "assess", folder, "--json"])
    mine, peer = alternate([ours, git], rounds=3)
    count = subprocess.run(["git", "rev-list", "--all", "--count"], cwd=folder, capture_output=True, check=True).stdout
    yield against_peer("plumb assess", "s", mine, peer, 1.5, "git log --raw", f"{int(count):,} commits in {folder}")


def _made(scratch: Path) -> Path:
    folder = scratch / "large"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", folder], check=True)
    lines = []
    for number in range(COMMITS):
        path = f"src/part{number % 40}/module{number % 997}.py"
        message = f"PAY-{number % 500}: change {number}"
        body = f"value = {number}\n"
        lines.append(
            f"commit refs/heads/main\ncommitter Dev {number % 23} <dev{number % 23}@example.com> "
            f"{1_500_000_000 + number * 600} +0000\ndata {len(message)}\n{message}\n"
            f"M 100644 inline {path}\ndata {len(body)}\n{body}\n"
        )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input="".join(lines).encode(), check=True)
    return folder
