"""What this server states of a run, made of the closed collection and its own records alone.

1. The same collection gives the same bytes, whenever it is asked: nothing of the moment of asking is in it.
2. Every slot that was due is in it, in the state in which it was closed; what did not happen is named.
3. Ids and digests only: no name of a person, nothing of a log, no value of a variable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.evidence.attestations import resource, write_statement
from plumbline.evidence.run_statements import TYPE, Cited, Condition, Contract, DueLine, Run, RunSlot
from plumbline.flow.contracts.ledger_proofs import LedgerProofs
from plumbline.flow.contracts.statement_parts import (
    NOT_RUN,
    Moment,
    gates_of,
    jobs_of,
    reviews_of,
    time,
    waivers_of,
)
from plumbline.kernel import PlumblineError, t
from plumbline.model.contract import FULL, SlotState
from plumbline.model.job import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.evidence.attestations import Resource
    from plumbline.evidence.run_statements import Job
    from plumbline.model.contract import Collection, DueNeed, Slot
    from plumbline.model.event import Entry
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.transaction import Transaction

_DONE = (*FULL, SlotState.NOT_APPLICABLE, SlotState.WAIVED)


class Stated(NamedTuple):
    """``payload``: the statement, not signed yet."""

    payload: bytes
    run: Run


def state_run(tx: Transaction, ledger: Ledger, collection: Collection, source: str, origin: str) -> Stated:
    """``source`` of this installation; ``origin``: name of its ledger. Raises PlumblineError ``not-closed`` where the
    ledger does not tell of the closing."""
    closing = ledger.find(source, collection.event) if collection.event else None
    if not collection.closed or closing is None:
        raise PlumblineError(
            "not-closed",
            t("The collection {uid} is not closed, so nothing is stated of it.", uid=collection.uid),
            t("It is closed by the end of what it is about, or at its deadline."),
        )
    moment = Moment(ledger, collection, closing, source)
    reviews, gates = list(reviews_of(moment)), list(gates_of(tx, moment))
    waivers = list(waivers_of(tx, moment, [gate for gate, _ in gates]))
    proofs = LedgerProofs(ledger, closing.seq)
    entries = {one.seq: one for one in _resting(collection, proofs)}
    entries |= {entry.seq: entry for _, entry in reviews}
    entries |= {entry.seq: entry for _, entry in gates if entry is not None}
    entries |= {entry.seq: entry for _, found in waivers for entry in found}
    jobs = jobs_of(tx, moment)
    run = Run(
        **_about(collection, source),
        **_slots(collection),
        **_ends(jobs),
        ledger=proofs.of(entries, origin, collection.first + 1, closing),
        reviews=tuple(one for one, _ in reviews),
        gates=tuple(one for one, _ in gates),
        waivers=tuple(one for one, _ in waivers),
    )
    return Stated(write_statement(_subjects(collection), TYPE, run), run)


def _about(collection: Collection, source: str) -> dict[str, Any]:
    about = collection.subjects
    return {
        "server": source,
        "collection": collection.uid,
        "project": collection.path,
        "occasion": collection.occasion.value,
        "ending": collection.ending.value if collection.ending is not None else "",
        "opened": time(collection.opened),
        "closed": time(collection.closed),
        "run": about.run,
        "ref": about.ref,
        "change": about.change,
        "environment": about.environment,
    }


def _slots(collection: Collection) -> dict[str, Any]:
    lacking = tuple(one.id for one in collection.slots if one.state not in _DONE)
    contract = Contract(
        digest=collection.due.digest,
        due=tuple(_due(one) for one in collection.due.needs),
        broken=tuple(one.contract for one in collection.broken),
    )
    return {
        "complete": bool(collection.slots) and not lacking,
        "contract": contract,
        "slots": tuple(_slot(one) for one in collection.slots),
        "lacking": lacking,
        "conditions": tuple(Condition(when=one.when, result=one.result) for one in collection.conditions),
    }


def _due(one: DueNeed) -> DueLine:
    return DueLine(
        id=one.need.id,
        contract=one.contract,
        version=one.version,
        digest=one.digest,
        of=one.need.of.value,
        each=one.need.each,
        at=one.node,
        by_repository=one.by_repository,
    )


def _slot(slot: Slot) -> RunSlot:
    return RunSlot(
        id=slot.id,
        need=slot.need,
        contract=slot.contract,
        state=slot.state.value,
        subject=slot.subject,
        evidence=tuple(Cited(entry=seq, id=event) for seq, event in zip(slot.entries, slot.evidence, strict=True)),
        word=slot.word,
        received=time(slot.received),
        digest=slot.digest,
        rule=slot.rule,
        why=slot.why,
    )


def _ends(jobs: Sequence[Job]) -> dict[str, Any]:
    """Of each job the newest attempt counts."""
    newest = {one.name: one for one in jobs}
    return {
        "jobs": tuple(jobs),
        "failed": tuple(name for name, one in newest.items() if one.state == State.FAILED.value),
        "not_run": tuple(name for name, one in newest.items() if one.state == NOT_RUN),
    }


def _resting(collection: Collection, proofs: LedgerProofs) -> Iterator[Entry]:
    """The entries that slots rest on: they have to be what the slots say that they are."""
    for slot in collection.slots:
        for seq, event in zip(slot.entries, slot.evidence, strict=True):
            entry = proofs.entry(seq)
            if entry is None or entry.id != event:
                raise PlumblineError(
                    "ledger-broken",
                    t("Entry {seq} of the ledger is not the event {id} that a slot rests on.", seq=seq, id=event),
                    t("`plumb ledger verify` says what is wrong."),
                )
            yield entry


def _subjects(collection: Collection) -> list[Resource]:
    """What was made, and the commit; of what has neither, what was due stands for it."""
    about = collection.subjects
    found = [resource(digest) for digest in about.artifacts]
    found += [resource(f"gitCommit:{about.commit}", "source")] if about.commit else []
    return found or [resource(collection.due.digest, f"collection/{collection.uid}")]
