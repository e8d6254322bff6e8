"""Decide about findings: accept one until a day, call it a false alarm, confirm that it is gone, take that back. Rules:

1. A decision has a reason; an acceptance has an owner and an end too, and ends by itself.
2. What is grave, or of no known severity, is closed by two persons: the decision holds once another one agreed. To
   confirm that something is gone closes it as well.
3. Whoever wrote the change that a finding came with decides nothing that closes it.
4. Each decision is an event. Later scans do not undo it.

All raise PlumblineError ``not-found`` or ``not-allowed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec
from msgspec import UNSET

from plumbline.access import use_cases
from plumbline.evidence import timestamp
from plumbline.evidence.vocabulary import own_delivery as events
from plumbline.flow.reports.keep_findings import standing_of, stands
from plumbline.flow.unit_of_work import not_allowed
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.report import Severity
from plumbline.model.reported import Decision, FindingState
from plumbline.reports.findings import states

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor, UseCase
    from plumbline.flow.reports.tools import ReportTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.kernel import Text
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.reported import KeptFinding
    from plumbline.reports.findings.states import Standing

MOST = 500  # findings that are decided at once
LONGEST_TEXT = 2000  # characters of a reason
TWO_PERSONS = frozenset({Severity.CRITICAL, Severity.HIGH, Severity.UNKNOWN})
_CLOSING = {
    "accept": FindingState.ACCEPTED,
    "false_positive": FindingState.FALSE_POSITIVE,
    "confirm": FindingState.FIXED,
}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """``until``: microseconds since the epoch, of an acceptance; 0: the latest end that there is."""

    act: Literal["accept", "false_positive", "confirm", "reopen"]
    reason: str
    owner: str = ""
    until: int = 0


class Decided(NamedTuple):
    """What became of one: ``waits``: for a second person; ``error``: why nothing was decided."""

    finding: int
    waits: bool = False
    error: PlumblineError | None = None


def decide_findings(actor: Actor, tools: ReportTools, findings: Sequence[int], wanted: Wanted) -> list[Decided]:
    """The same about several, with one reason; each is decided or refused by itself, in their order."""
    reason = wanted.reason.strip()[:LONGEST_TEXT]
    if not reason:
        raise _refused("reason-missing", t("A decision about a finding needs a reason."))
    if not findings or len(findings) > MOST:
        raise _refused("findings-wrong", t("Name between 1 and {most} findings.", most=MOST))
    wanted = msgspec.structs.replace(wanted, reason=reason, owner=wanted.owner.strip()[:255])
    with tools.units.change(actor) as unit:
        return [_one(unit, finding, wanted) for finding in dict.fromkeys(findings)]


def approve_decision(actor: Actor, tools: ReportTools, decision: int, *, agree: bool = True) -> Decision:
    """Agree as a second person, or reject it. PlumblineError ``decision-over``, ``two-persons``."""
    with tools.units.change(actor) as unit:
        found = unit.tx.findings.decision(decision)
        kept = _of(unit, use_cases.APPROVE_DECISION, found.finding if found else 0)
        if found is None or found.ended or found.approved or not found.needs_approval:
            raise _refused("decision-over", t("This decision does not wait for anybody."))
        if agree and unit.breaks_duty(use_cases.APPROVE_DECISION, found.by):
            raise _refused("two-persons", t("Another person than the one who decided has to agree."))
        if agree and _is_author(unit, kept):
            raise _refused("two-persons", t("Whoever wrote the change does not agree that its finding is closed."))
        if not agree:
            unit.tx.findings.end_decision(found.id, unit.now, actor.name)
            _tell(unit, kept, "open", found.reason, found)
            return msgspec.structs.replace(found, ended=unit.now, ended_by=actor.name)
        unit.tx.findings.approve(found.id, unit.now, actor.name)
        agreed = msgspec.structs.replace(found, approved=unit.now, approver=actor.name)
        _hold(unit, kept, agreed)
        return agreed


def expire_findings(tx: Transaction, project: int, now: int) -> int:
    """Open those again whose acceptance has ended; how many. Called by the clock."""
    over = tx.findings.over(project, now)
    for kept in over:
        tx.findings.change(stands(kept, states.expire(standing_of(kept), now)))
    for decision in tx.findings.decisions({one.finding.id for one in over}):
        if decision.state is FindingState.ACCEPTED and not decision.ended:
            tx.findings.end_decision(decision.id, now, "")
    return len(over)


def _one(unit: UnitOfWork, finding: int, wanted: Wanted) -> Decided:
    try:
        kept = _of(unit, use_cases.DECIDE_FINDING, finding)
        if wanted.act in _CLOSING and _is_author(unit, kept):
            raise not_allowed(t("Whoever wrote the change that a finding came with does not close it."))
        if wanted.act == "accept" and not wanted.owner:
            raise _refused("owner-missing", t("An acceptance needs an owner, who answers for it."))
        if wanted.act not in _CLOSING:
            _take_back(unit, kept, wanted)
            return Decided(finding)
        decision = _decision(unit, kept, wanted)
        _check(kept, decision, unit.now)
        if decision.needs_approval:
            unit.tx.findings.add_decision(decision)
            _tell(unit, kept, decision.state.value, decision.reason, decision)
            return Decided(finding, waits=True)
        _end_others(unit, finding)
        _hold(unit, kept, unit.tx.findings.add_decision(decision))
    except PlumblineError as error:
        return Decided(finding, error=error)
    return Decided(finding)


def _decision(unit: UnitOfWork, kept: KeptFinding, wanted: Wanted) -> Decision:
    accepted = wanted.act == "accept"
    return Decision(
        finding=kept.finding.id,
        state=_CLOSING[wanted.act],
        owner=wanted.owner,
        reason=wanted.reason,
        by=unit.actor.name,
        needs_approval=kept.finding.severity in TWO_PERSONS,
        until=states.bounded(wanted.until, unit.now) if accepted else 0,
        created=unit.now,
    )


def _hold(unit: UnitOfWork, kept: KeptFinding, decision: Decision) -> None:
    """It counts from now on; that something is gone was said once, and is over then."""
    _write(unit, kept, _after(kept, decision, unit.now))
    _tell(unit, kept, decision.state.value, decision.reason, decision)
    if decision.state is FindingState.FIXED:
        _end_others(unit, kept.finding.id)


def _check(kept: KeptFinding, decision: Decision, now: int) -> None:
    """That it could count, before anything is written. PlumblineError ``finding-state``, ``acceptance-ended``."""
    _after(kept, decision, now)


def _after(kept: KeptFinding, decision: Decision, now: int) -> Standing:
    standing = standing_of(kept)
    if decision.state is FindingState.FALSE_POSITIVE:
        return states.call_false(standing, now)
    if decision.state is FindingState.FIXED:
        return states.confirm(standing)
    acceptance = states.Acceptance(
        owner=decision.owner,
        reason=decision.reason,
        approver=decision.approver or decision.by,
        until=decision.until,
    )
    return states.accept(standing, acceptance, now)


def _take_back(unit: UnitOfWork, kept: KeptFinding, wanted: Wanted) -> None:
    after = states.reopen(standing_of(kept), unit.now)
    _end_others(unit, kept.finding.id)
    _write(unit, kept, after)
    _tell(unit, kept, "open", wanted.reason, None)


def _end_others(unit: UnitOfWork, finding: int) -> None:
    for one in unit.tx.findings.decisions([finding]):
        if not one.ended:
            unit.tx.findings.end_decision(one.id, unit.now, unit.actor.name)


def _write(unit: UnitOfWork, kept: KeptFinding, standing: Standing) -> None:
    if not unit.tx.findings.change(stands(kept, standing)):
        raise RuntimeError(f"finding {kept.finding.id} changed inside a transaction")


def _of(unit: UnitOfWork, use_case: UseCase, finding: int) -> KeptFinding:
    found = unit.tx.findings.whole([finding]) if finding else ()
    missing = t("There is no finding {finding}.", finding=finding)
    unit.require(use_case, found[0].finding.project if found else None, missing)
    return found[0]


def _is_author(unit: UnitOfWork, kept: KeptFinding) -> bool:
    """Whether the actor wrote the commit that it was seen with first: by the address of the commit, which the table of
    identities says to be somebody's, or by the name that they sign in with."""
    name, _, rest = kept.finding.author.partition(" <")
    mail = rest.rstrip(">").strip().casefold()
    known = unit.tx.aliases.get("", mail) if mail else None
    person = unit.tx.people.get(known.person) if known is not None else None
    author = person.name if person is not None else name.strip()
    return bool(author) and unit.breaks_duty(use_cases.DECIDE_FINDING, author)


def _tell(unit: UnitOfWork, kept: KeptFinding, state: str, reason: str, decision: Decision | None) -> None:
    waits = decision is not None and decision.needs_approval and not decision.approved and state != "open"
    project = unit.tx.tree.get(kept.finding.project)
    path = project.path if project is not None else ""
    content = events.FindingDecided(
        state=state,  # type: ignore[arg-type]
        severity=kept.finding.severity.value,
        reason=reason,
        person=decision.by if decision is not None else unit.actor.name,
        owner=decision.owner or UNSET if decision is not None else UNSET,
        second=decision.approver or UNSET if decision is not None else UNSET,
        proposed=waits or UNSET,
        until=timestamp(decision.until) if decision is not None and decision.until else UNSET,
    )
    unit.record(f"{path}/findings/{kept.finding.id}", content, path)


def _refused(code: str, message: Text) -> PlumblineError:
    return PlumblineError(code, message, kind=ErrorKind.REFUSED)
