"""Keep what gates said, with its event, in the transaction that the caller has open."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec
from msgspec import UNSET

from plumbline.evidence import timestamp, write_event
from plumbline.evidence.vocabulary import own_delivery as events
from plumbline.flow.gates.subjects import collection_of
from plumbline.gates import evaluation
from plumbline.model.gate import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.flow.event_writer import EventWriter
    from plumbline.flow.gates.prepared import Prepared
    from plumbline.flow.gates.tools import GateTools
    from plumbline.gates import Verdict
    from plumbline.model.contract import Subjects
    from plumbline.model.gate import Evaluation, FactValue, GateAct
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.tree import Node

MOST_EVENTS = 2000  # that one evaluation names; it rests on more facts than that only where something is wrong
_Word = Literal["pass", "fail", "noData", "error"]
_VERDICTS: dict[Outcome, _Word] = {
    Outcome.PASS: "pass",
    Outcome.WAIVED: "pass",
    Outcome.FAIL: "fail",
    Outcome.NO_DATA: "noData",
    Outcome.ERROR: "error",
}


class Kept(NamedTuple):
    """``new``: at least one was not there as it is now."""

    evaluations: tuple[Evaluation, ...]
    new: bool


def keep(
    tx: Transaction, writer: EventWriter, tools: GateTools, prepared: Prepared, verdict: Verdict, node: Node
) -> Kept:
    collection = collection_of(tx, prepared.project, prepared.subjects, prepared.act)
    wanted = {one.name: one.policy.wanted for one in prepared.policies if one.policy is not None}
    before = newest_by_policy(tx, prepared.project, prepared.act, prepared.subjects)
    found, new = [], False
    for said in verdict.judged:
        one = evaluation(
            said,
            project=prepared.project,
            path=node.path,
            act=prepared.act,
            subjects=prepared.subjects,
            facts=prepared.facts,
            at=writer.now,
            collection=collection.uid if collection is not None else "",
            uid=tools.server.new_uid(),
            wanted=wanted.get(said.policy, ()),
        )
        known = before.get((said.policy, said.digest))
        if known is not None and _same(known, one):
            found.append(known)
            continue
        found.append(_add(tx, writer, one))
        new = True
    return Kept(tuple(found), new)


def newest_by_policy(
    tx: Transaction, project: int, act: GateAct, subjects: Subjects
) -> dict[tuple[str, str], Evaluation]:
    """Of exactly this revision, by the name of the policy and the digest of its text: where a project was moved, two of
    one name may hold."""
    found: dict[tuple[str, str], Evaluation] = {}
    every = tx.evaluations.of_commit(project, subjects.commit) if subjects.commit else ()
    for one in every:
        about = one.subjects
        same = (about.change, about.environment, about.pipeline)
        if one.act is act and same == (subjects.change, subjects.environment, subjects.pipeline):
            found.setdefault((one.policy, one.policy_digest), one)
    return found


def _same(before: Evaluation, after: Evaluation) -> bool:
    """Whether nothing is other than the moment and the name. That a pipeline came in between is another."""
    as_before = msgspec.structs.replace(after, id=before.id, uid=before.uid, at=before.at, event=before.event)
    return as_before == before


def _add(tx: Transaction, writer: EventWriter, one: Evaluation) -> Evaluation:
    event = writer.new_id()
    added = tx.evaluations.add(msgspec.structs.replace(one, event=event))
    tx.record(
        write_event(
            _content(added), id=event, source=writer.source, subject=added.uid, time=writer.now, project=added.path
        )
    )
    _count_waivers(tx, writer, added)
    return added


def _content(one: Evaluation) -> events.GateEvaluated:
    rests = dict.fromkeys(event for value in one.facts.values() for event in value.events)
    about = one.subjects
    return events.GateEvaluated(
        verdict=_VERDICTS[one.outcome],
        rules=one.policy_digest,
        rests_on=tuple(rests)[:MOST_EVENTS],
        target=about.environment or UNSET,
        reasons=(one.reason,) if one.reason else UNSET,
        act=one.act.value,
        policy=one.policy,
        version=one.version,
        facts=facts_digest(one.facts),
        checks=tuple(
            events.GateCheck(
                id=check.check,
                outcome="waived" if check.outcome is Outcome.WAIVED else _VERDICTS[check.outcome],
                waiver=check.waiver or UNSET,
            )
            for check in one.checks
        )
        or UNSET,
        waived=True if one.outcome is Outcome.WAIVED else UNSET,
        commit=about.commit or UNSET,
        change=about.change or UNSET,
        run=about.run or UNSET,
        collection=one.collection or UNSET,
    )


def facts_digest(facts: Mapping[str, FactValue]) -> str:
    return f"sha256:{sha256(msgspec.json.encode(facts, order='deterministic')).hexdigest()}"


def _count_waivers(tx: Transaction, writer: EventWriter, one: Evaluation) -> None:
    used = {check.waiver for check in one.checks if check.waiver}
    if not used:
        return
    nodes = [0, *(node.id for node in tx.tree.ancestors(one.project))]
    for waiver in tx.waivers.of_nodes(nodes, since=writer.now):
        if waiver.uid not in used:
            continue
        tx.waivers.put(msgspec.structs.replace(waiver, used=waiver.used + 1), waiver)
        content = events.GateWaived(
            person=waiver.agreed_by, reason=waiver.reason, evaluation=one.event, until=timestamp(waiver.ends)
        )
        writer.record(tx, waiver.uid, content, one.path)
