"""What a statement about a run says of jobs, reviews, gates and waivers, as they were when its collection was closed:
what came later changes nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.evidence import near_the_top, timestamp
from plumbline.evidence.origin import OWN, TOLD_BY_FORGE, word_of
from plumbline.evidence.run_statements import Cited, Gate, GateCheck, Job, Review, RunWaiver
from plumbline.evidence.vocabulary import cdevents_core, own_gates
from plumbline.flow.pipelines.events import finished_id
from plumbline.flow.pipelines.plan_cache import decode_plan
from plumbline.model.contract import SlotState
from plumbline.model.event import EntryFilter
from plumbline.model.ready import ready
from plumbline.trace import read_seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from plumbline.model.contract import Collection
    from plumbline.model.event import Entry
    from plumbline.model.gate import Evaluation
    from plumbline.model.pipeline import Job as Planned
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredJob

NOT_RUN = "not_run"
_RUNNING = "running"
_MOST_REVIEWS = 500
_WAIVERS = (own_gates.WaiverAsked.TYPE, own_gates.WaiverDecided.TYPE)


class Moment(NamedTuple):
    """When a collection was closed: ``closing`` is the entry of the ledger that tells of it."""

    ledger: Ledger
    collection: Collection
    closing: Entry
    source: str  # of this installation

    def own(self, tx: Transaction, events: Iterable[str]) -> dict[str, Entry]:
        """Those of these events of ours that the ledger had by then."""
        found = tx.known([(self.source, one) for one in events if one])
        return {name: entry for (_, name), entry in found.items() if entry.seq <= self.closing.seq}


def cited(entry: Entry) -> Cited:
    return Cited(entry=entry.seq, id=entry.id)


def time(at: int) -> str:
    return timestamp(at) if at else ""


def jobs_of(tx: Transaction, moment: Moment) -> list[Job]:
    """Every attempt that had begun by then, and of each job the first one."""
    number = moment.collection.subjects.pipeline
    pipeline = tx.pipelines.get(number) if number else None
    if pipeline is None:
        return []
    plan, at = decode_plan(tx.pipelines.plan(number)[0]), moment.collection.closed
    planned = {one.name: one for one in plan.jobs}
    jobs = [job for job in tx.jobs.of(number) if job.attempt == 1 or _begun(job, at)]
    told = moment.own(tx, (finished_id(pipeline, job) for job in jobs))
    return [_job(job, planned.get(job.name), at, _runner(told.get(finished_id(pipeline, job)))) for job in jobs]


def _runner(finished: Entry | None) -> str:
    """Of the attempt whose end the ledger tells of; who leases a job is forgotten with its end."""
    if finished is None:
        return ""
    return near_the_top(_read_facts, finished.body).facts.runner.partition("/")[0]


class _Facts(msgspec.Struct, gc=False):
    runner: str = ""


class _Finished(msgspec.Struct, gc=False):
    facts: _Facts = msgspec.field(name="customData", default_factory=_Facts)


def _read_facts(body: bytes) -> _Finished:
    return msgspec.json.decode(body, type=ready(_Finished))


def _begun(job: StoredJob, at: int) -> bool:
    return any(0 < one <= at for one in (job.queued, job.started, job.finished))


def _job(job: StoredJob, planned: Planned | None, at: int, runner: str) -> Job:
    image = planned.image.name if planned is not None and planned.image is not None else ""
    name, _, digest = image.partition("@")
    ended = 0 < job.finished <= at
    running = 0 < job.started <= at
    result = job.result if ended else None
    return Job(
        id=job.id,
        name=job.name,
        stage=job.stage,
        attempt=job.attempt,
        state=job.state.value if ended else _RUNNING if running else NOT_RUN,
        image=name,
        image_digest=digest,
        runner=runner,
        exit_code=result.exit_code if result is not None else None,
        reason=job.reason.value if ended and job.reason is not None else "",
        may_fail=job.allow_failure,
        started=time(job.started) if running else "",
        finished=time(job.finished) if ended else "",
    )


def reviews_of(moment: Moment) -> Iterator[tuple[Review, Entry]]:
    """What its forge, or this server, told of reviews of its merge request."""
    change = moment.collection.subjects.change
    if not change:
        return
    wanted = EntryFilter(kind=cdevents_core.ChangeReviewed.TYPE, subject=change, scope=moment.collection.path)
    found = moment.ledger.look(wanted, _MOST_REVIEWS, start=moment.closing.seq + 1).entries
    for entry in sorted(found, key=lambda one: one.seq):
        word = word_of(entry.source, entry.sender)
        seen = read_seen(entry.body, entry.sender)
        if seen is None or not (word == OWN or word.startswith(TOLD_BY_FORGE)):
            continue
        decision, revision = (str(seen.custom.get(name, "")) for name in ("decision", "revision"))
        yield Review(event=cited(entry), decision=decision, revision=revision, word=word), entry


def gates_of(tx: Transaction, moment: Moment) -> Iterator[tuple[Gate, Entry | None]]:
    """What gates said of the run or its commit by then, in the order in which they said it."""
    about, closed = moment.collection.subjects, moment.collection.closed
    found = list(tx.evaluations.of_pipeline(about.pipeline)) if about.pipeline else []
    found += tx.evaluations.of_commit(moment.collection.project, about.commit) if about.commit else []
    told = moment.own(tx, (one.event for one in found))
    for one in sorted({each.id: each for each in found}.values(), key=lambda each: each.id):
        entry = told.get(one.event)
        if one.at <= closed and (entry is not None or not one.event):
            yield _gate(one, entry), entry


def _gate(one: Evaluation, entry: Entry | None) -> Gate:
    checks = (
        GateCheck(id=each.check, outcome=each.outcome.value, advisory=each.advisory, waiver=each.waiver)
        for each in one.checks
    )
    return Gate(
        id=one.uid,
        act=one.act.value,
        policy=one.policy,
        version=one.version,
        digest=one.policy_digest,
        outcome=one.outcome.value,
        at=time(one.at),
        checks=tuple(checks),
        event=cited(entry) if entry is not None else None,
        reason=one.reason,
    )


def waivers_of(tx: Transaction, moment: Moment, gates: Sequence[Gate]) -> Iterator[tuple[RunWaiver, list[Entry]]]:
    """Those that set something of it aside."""
    named = {slot.rule for slot in moment.collection.slots if slot.state is SlotState.WAIVED}
    named |= {check.waiver for gate in gates for check in gate.checks} - {""}
    if not named:
        return
    nodes = [0, *(node.id for node in tx.tree.ancestors(moment.collection.project))]
    for one in sorted(tx.waivers.of_nodes(nodes), key=lambda each: each.id):
        if one.uid in named:
            entries = [
                entry
                for entry in moment.ledger.of_subject(one.uid)
                if entry.seq <= moment.closing.seq
                and entry.type in _WAIVERS
                and word_of(entry.source, entry.sender) == OWN
            ]
            events = tuple(cited(entry) for entry in entries)
            yield (
                RunWaiver(id=one.uid, rule_set=one.rule_set, line=one.line, ends=time(one.ends), events=events),
                entries,
            )
