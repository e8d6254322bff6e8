"""What was due: one statement about a run of 300 jobs, and how complete two hundred systems were over 90 days."""

from __future__ import annotations

import gc
import os
import statistics
import time
from typing import TYPE_CHECKING

from bench.measure import CommandError, Figure, seconds, within
from plumbline.adapters.store import StoreSettings, open_store
from plumbline.evidence import SigningKey, write_event
from plumbline.evidence.attestations import PAYLOAD_TYPE, sign_envelope
from plumbline.evidence.run_statements import Result, verify_run
from plumbline.evidence.vocabulary import Reference, cdevents_core, own_gates
from plumbline.evidence.vocabulary import facts as about
from plumbline.facts import Asked, Evidence, answer
from plumbline.flow.contracts.state_run import state_run
from plumbline.flow.pipelines.plan_cache import encode_plan
from plumbline.model.change import Change, Project
from plumbline.model.contract import (
    Collection,
    DueContract,
    DueNeed,
    Ending,
    Need,
    OccasionKind,
    Slot,
    SlotState,
    SubjectKind,
    Subjects,
)
from plumbline.model.job import JobResult, State
from plumbline.model.pipeline import Image, Job, Plan
from plumbline.model.problem import Mark
from plumbline.model.server import StoredJob, StoredPipeline
from plumbline.model.tree import Node, NodeKind
from plumbline.model.words import Words
from plumbline.trace import read_seen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from plumbline.adapters.store import Store
    from plumbline.model.event import Entry, EventDraft

JOBS, SLOTS, OTHERS = 300, 200, 20_000
SYSTEMS, DAYS, A_DAY = 200, 90, 2
_SOURCE = f"urn:plumbline:{'5f' * 8}"
_NOW = 1_780_000_000_000_000  # microseconds since the epoch
_DAY = 86_400_000_000
_SHA, _DIGEST, _RUN = "5e" * 20, f"sha256:{'e' * 64}", "7a" * 16
_AT_ONCE, _ROUNDS = 2000, 15


def of_runs(scratch: Path) -> Iterator[Figure]:
    """With 20,000 entries of others in the ledger before it and among it."""
    store = open_store(StoreSettings(data=str(scratch), address="", create=True, upgrade=True))
    try:
        collection = _filled(store)
        key = SigningKey.make("bench.example")
        times = [1000 * seconds(lambda: _signed(store, collection, key)) for _ in range(_ROUNDS + 1)][1:]
        data = _signed(store, collection, key)
        found = verify_run(data, [key.verifier])
        if found.result is not Result.PASSED or found.run is None or len(found.run.jobs) != JOBS:
            raise CommandError(f"the statement is not one: {found.cause}")
        checked = [1000 * seconds(lambda: verify_run(data, [key.verifier])) for _ in range(_ROUNDS)]
        note = f"{JOBS} jobs, {SLOTS} slots, {len(data):,} bytes, median of {_ROUNDS}, slowest {max(times):.0f} ms"
        yield within("statement of a run", "ms", statistics.median(times), 100, note)
        yield Figure("statement verified", "ms", statistics.median(checked), note="offline, with one public key")
    finally:
        store.close()


def _signed(store: Store, collection: Collection, key: SigningKey) -> bytes:
    with store.view() as tx:
        stated = state_run(tx, store.ledger, collection, _SOURCE, key.name)
    return sign_envelope(stated.payload, PAYLOAD_TYPE, [key])


def _filled(store: Store) -> Collection:
    with store.change() as tx:
        node = tx.tree.add(Node(id=0, kind=NodeKind.PROJECT, name="app", path="app"))
        change = Change(project=Project(path="app", default_branch="main"), sha=_SHA, branch="main")
        names = [f"job {number}" for number in range(JOBS)]
        where = Mark(file=".gitlab-ci.yml", line=1, column=1)
        image = Image(name=f"registry.example/python@sha256:{'b' * 64}")
        plan = Plan(change=change, jobs=tuple(Job(name=one, group=one, where=where, image=image) for one in names))
        pipeline = tx.pipelines.add(
            StoredPipeline(project=node.id, uid=_RUN, change=change, state=State.SUCCESS, created=_NOW - _DAY),
            encode_plan(plan),
            b"",
        )
        jobs = tx.jobs.add([_job(pipeline.id, name) for name in names])
    ended = [_told(job.id, job.name) for job in jobs]
    for part in range(0, OTHERS, _AT_ONCE):
        mixed = [_told(JOBS + part + number + 10_000, "other", "8b" * 16) for number in range(_AT_ONCE)]
        mine = ended[: JOBS * _AT_ONCE // OTHERS]
        del ended[: len(mine)]
        store.ledger.append([*mine, *mixed])
    came = [one for one in store.ledger.of_types([cdevents_core.TaskRunFinished.TYPE]) if one.subject.startswith(_RUN)]
    return _closed(store, node.id, pipeline.id, came[:SLOTS])


def _job(pipeline: int, name: str) -> StoredJob:
    result = JobResult(state=State.SUCCESS, exit_code=0)
    return StoredJob(pipeline=pipeline, name=name, stage="test", state=State.SUCCESS, queued=_NOW - _DAY,
                     started=_NOW - _DAY, finished=_NOW - 1, result=result)  # fmt: skip


def _told(job: int, name: str, run: str = _RUN) -> EventDraft:
    content = cdevents_core.TaskRunFinished(
        task_name=name, pipeline_run=Reference(id=run, source=_SOURCE), outcome="success"
    )
    subject = f"{run}/{job}"
    more = about.TaskFacts(runner="b1e6a5d2c3f4/9a8b7c6d", exit_code=0, commit=_SHA)
    return write_event(content, id=f"{subject}:finished", source=_SOURCE, subject=subject, time=_NOW, facts=more)


def _closed(store: Store, project: int, pipeline: int, came: list[Entry]) -> Collection:
    needs = tuple(
        DueNeed(need=Need(id=f"line-{number}", title=Words(en="a", zh="a"), kinds=("build",), of=SubjectKind.COMMIT),
                contract="release", version=1, node="", digest=_DIGEST)
        for number in range(SLOTS)
    )  # fmt: skip
    slots = tuple(
        Slot(need=f"line-{number}", contract="release", subject=_SHA, state=SlotState.FILLED, evidence=(one.id,),
             entries=(one.seq,), word="own", received=one.received)
        for number, one in enumerate(came)
    )  # fmt: skip
    made = Collection(
        uid="c1", project=project, path="app", occasion=OccasionKind.PIPELINE,
        subjects=Subjects(commit=_SHA, pipeline=pipeline, run=_RUN),
        due=DueContract(needs=needs, grace_minutes=30, deadline_minutes=60, digest=_DIGEST), opened=_NOW - _DAY,
        deadline=_NOW + _DAY, ending=Ending.FINISHED, closed=_NOW, slots=slots, event="closed:c1",
    )  # fmt: skip
    store.ledger.append([_close("c1", _NOW, slots)])
    return made


def _close(uid: str, at: int, slots: tuple[Slot, ...], project: str = "app") -> EventDraft:
    told = tuple(
        own_gates.ClosedSlot(id=one.id, state=one.state.value, contract=one.contract,  # type: ignore[arg-type]
                             evidence=one.evidence or ("e",), word=one.word or "own", sources=("sonar",))
        for one in slots
    )  # fmt: skip
    content = own_gates.CollectionClosed(occasion="pipeline", contract=_DIGEST, ending="finished", slots=told)
    return write_event(content, id=f"closed:{uid}", source=_SOURCE, subject=uid, time=at, project=project,
                       checked=False)  # fmt: skip


def completeness(_scratch: Path) -> Iterator[Figure]:
    """Two runs a day of each system, with ten slots each; from the bytes of the ledger to the answers."""
    states = [SlotState.FILLED] * 8 + [SlotState.MISSING, SlotState.FILLED_LATE]
    slots = tuple(Slot(need=f"n{number}", contract="c", subject="", state=one) for number, one in enumerate(states))
    bodies = [
        [_close(f"{system}-{number}", _NOW - number * _DAY // A_DAY, slots, f"s{system}").body
         for number in range(1, DAYS * A_DAY)]
        for system in range(SYSTEMS)
    ]  # fmt: skip
    seen = [[one for body in each if (one := read_seen(body))] for each in bodies]
    asked = [Asked("evidence-completeness", DAYS)]
    gc.collect()
    gc.freeze()  # as the server does once it runs
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        found = [answer(asked, Evidence(each, _NOW)) for each in seen]
        times.append(1000 * (time.perf_counter() - began))
    gc.unfreeze()
    if any(one[asked[0].key].denominator != (DAYS * A_DAY - 1) * 10 for one in found):
        raise CommandError("the slots do not add up")
    events = sum(len(each) for each in seen)
    note = f"{SYSTEMS} systems, {DAYS} days, {events:,} collections of 10 slots, read before; {os.cpu_count()} CPUs"
    yield within("completeness", "ms", statistics.median(times), 300, note)
