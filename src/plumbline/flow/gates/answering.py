"""Put together what all gates say of one thing, and whether anything may still come."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from plumbline.flow.contracts.waived import active_names
from plumbline.flow.gates.answer import NOT_EVALUATED, GateAnswer
from plumbline.flow.gates.facts_of import SELECTING, facts_of
from plumbline.flow.gates.gathering._ground import known
from plumbline.flow.gates.gathering.due import SETTLED
from plumbline.flow.gates.keep import newest_by_policy
from plumbline.flow.gates.policies import policies_at
from plumbline.flow.gates.subjects import collection_of, target_of
from plumbline.flow.gates.waived import waivers_above
from plumbline.gates import (
    NO_POLICY,
    NOTHING_ENFORCED,
    NOTHING_SELECTED,
    WORST_FIRST,
    asked,
    evaluate,
    waiver_state,
)
from plumbline.model.contract import SlotState
from plumbline.model.gate import GateAct, Outcome, WaiverState
from plumbline.model.job import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.gates.prepared import Prepared
    from plumbline.flow.gates.tools import GateTools
    from plumbline.gates import Standing, Verdict
    from plumbline.model.contract import Slot, Subjects
    from plumbline.model.gate import CheckResult, Evaluation
    from plumbline.model.ports.transaction import Transaction

_UNDER_WAY = frozenset({State.PENDING, State.RUNNING, State.WAITING_FOR_RESOURCE, State.SCHEDULED, State.CANCELING})


def answer_of(
    tx: Transaction,
    tools: GateTools,
    prepared: Prepared,
    verdict: Verdict,
    evaluations: Sequence[Evaluation],
    *,
    job: int = 0,
) -> GateAnswer:
    return _answer(
        tx, tools, prepared.project, prepared.act, prepared.subjects, verdict.outcome, verdict.reason, evaluations, job
    )


def stored_answer(tx: Transaction, tools: GateTools, project: int, act: GateAct, subjects: Subjects) -> GateAnswer:
    """By the newest evaluation of each policy that stands there as it is now. One that is meant for this and was not
    asked yet, or not with all that is enforced of it by now, or that a waiver let through which holds no longer, leaves
    all without an answer."""
    standing = policies_at(tx, tx.tree.ancestors(project))
    kept = newest_by_policy(tx, project, act, subjects)
    current = {(one.name, one.digest) for one in standing}
    found = [one for name, one in kept.items() if name in current]
    meant = _meant(tx, tools, project, act, subjects, standing)
    outcome, reason = _together(standing, found)
    stale = any(meant.get((one.policy, one.policy_digest), frozenset()) - _enforced(one.checks) for one in found)
    if meant.keys() - kept.keys() or stale or _waiver_over(tx, project, found, tools.units.clock()):
        outcome, reason = Outcome.NO_DATA, NOT_EVALUATED
    return _answer(tx, tools, project, act, subjects, outcome, reason, found, 0)


def _waiver_over(tx: Transaction, project: int, found: Sequence[Evaluation], at: int) -> bool:
    """Whether one of these rests on a waiver that is not in force now."""
    used = {check.waiver for one in found for check in one.checks if check.waiver}
    if not used:
        return False
    held = [one for one in waivers_above(tx, project, at) if one.uid in used]
    active = active_names(tx, held)
    return used != {one.uid for one in held if waiver_state(one, at, active) is WaiverState.IN_FORCE}


def _enforced(checks: Sequence[CheckResult]) -> frozenset[str]:
    return frozenset(one.check for one in checks if not one.advisory)


def _meant(
    tx: Transaction, tools: GateTools, project: int, act: GateAct, subjects: Subjects, standing: Sequence[Standing]
) -> dict[tuple[str, str], frozenset[str]]:
    """The policies that are not passed over here, by what selects them today, and what is enforced of each."""
    facts = facts_of(tx, tools, project, subjects, SELECTING, act=act)
    if act is GateAct.MERGE and facts["change.target"].lack:
        node = tx.tree.get(project)
        target = target_of(tools.ledger, node.path, project, subjects.change) if node is not None else ""
        facts["change.target"] = known(target or None)
    said = evaluate(standing, facts, at=tools.units.clock(), asked=asked(act, subjects, facts))
    return {(one.policy, one.digest): _enforced(one.checks) for one in said.judged}


def _together(standing: Sequence[Standing], found: Sequence[Evaluation]) -> tuple[Outcome, str]:
    if not standing:
        return Outcome.NO_DATA, NO_POLICY
    deciding = [one for one in found if one.reason != NOTHING_ENFORCED]
    if deciding:
        outcomes = {one.outcome for one in deciding}
        worst = next(one for one in WORST_FIRST if one in outcomes)
        return worst, next((one.reason for one in deciding if one.outcome is worst and one.reason), "")
    return Outcome.NO_DATA, NOTHING_ENFORCED if found else NOTHING_SELECTED


def _answer(
    tx: Transaction,
    tools: GateTools,
    project: int,
    act: GateAct,
    subjects: Subjects,
    outcome: Outcome,
    reason: str,
    evaluations: Sequence[Evaluation],
    job: int,
) -> GateAnswer:
    collection = collection_of(tx, project, subjects, act)
    slots: Sequence[Slot] = tools.slots_now(tx, collection) if collection is not None else ()
    until = 0
    if collection is not None and any(one.state is SlotState.OPEN for one in slots):
        until = collection.closes or collection.deadline
    waits = outcome not in (Outcome.PASS, Outcome.WAIVED) and (until > tools.units.clock() or _runs(tx, subjects, job))
    node = tx.tree.get(project)
    return GateAnswer(
        outcome=outcome,
        act=act,
        project=project,
        path=node.path if node is not None else "",
        subjects=subjects,
        evaluations=tuple(evaluations),
        missing=tuple(one for one in slots if one.state not in SETTLED),
        reason=reason,
        waits=waits,
        until=until if waits else 0,
        page=_page(project, subjects),
    )


def _runs(tx: Transaction, subjects: Subjects, job: int) -> bool:
    """Whether another job of the pipeline is at work, which may bring what is missing."""
    if not subjects.pipeline:
        return False
    newest = {one.name: one for one in tx.jobs.of(subjects.pipeline)}
    return any(one.state in _UNDER_WAY and one.id != job for one in newest.values())


def _page(project: int, subjects: Subjects) -> str:
    if subjects.pipeline:
        return f"/pipelines/{subjects.pipeline}/gates"
    wanted = urlencode({"commit": subjects.commit})
    return f"/projects/{project}/gates?{wanted}"
