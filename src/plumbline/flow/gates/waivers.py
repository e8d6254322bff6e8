"""Waivers: one person asks for a line of a policy or a contract to be set aside, another agrees. Rules:

1. It has a reason, a scope and an end; the end is no later than the setting of the node allows.
2. It holds once another person agreed: neither who asked, nor, where known, whoever wrote the change.
3. It ends by its time, by somebody's hand, or when one of its two persons is here no longer.
4. Each step is an event. What it sets aside is told and counted with every evaluation.

All raise PlumblineError ``not-found`` or ``not-allowed``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import UNSET

from plumbline.access import gate_settings, use_cases
from plumbline.evidence import timestamp
from plumbline.evidence.vocabulary import own_gates as events
from plumbline.flow.contracts.waived import active_names
from plumbline.flow.gates.authors import authors_of
from plumbline.flow.gates.policies import policies_at
from plumbline.gates import waiver_state
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.gate import Waiver, WaiverState
from plumbline.model.tree import INSTANCE, NodeKind, is_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor, UseCase
    from plumbline.flow.gates.tools import GateTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.kernel import Text
    from plumbline.model.tree import Node

DAY = 86_400_000_000  # microseconds
LONGEST_REASON = 2000  # characters
MOST = 500  # that are listed
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_OVER = frozenset({WaiverState.REFUSED, WaiverState.ENDED, WaiverState.EXPIRED, WaiverState.VOID})


class WaiverWanted(msgspec.Struct, frozen=True, kw_only=True):
    """``ends``: microseconds since the epoch. Without commit, digest and change it is for all below the node."""

    rule_set: str
    line: str
    reason: str
    ends: int
    of_contract: bool = False
    commit: str = ""
    digest: str = ""
    change: str = ""


class SeenWaiver(NamedTuple):
    """``may_decide``: the actor could agree with it; ``may_end``: or take it back."""

    waiver: Waiver
    state: WaiverState
    may_decide: bool
    may_end: bool


def list_waivers(actor: Actor, tools: GateTools, node: int, *, ended: bool = False) -> Sequence[SeenWaiver]:
    """Of a node, of those above it and of those below it, the newest first; ``ended``: those that hold no longer as
    well."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_WAIVERS, node)
        every = unit.tx.tree.all()
        allowed = {one.id for one in unit.nodes(use_cases.LIST_WAIVERS)}
        path = next((one.path for one in every if one.id == node), "")
        above = {one.id for one in unit.tx.tree.ancestors(node)} if node != INSTANCE else set()
        below = {one.id for one in every if not path or is_within(one.path, path)} & allowed
        found = unit.tx.waivers.of_nodes([INSTANCE, *(above | below)], since=0 if ended else unit.now)
        shown = [_seen(unit, one) for one in found[: MOST * 4]]
        return [one for one in shown if ended or one.state not in _OVER][:MOST]


def view_waiver(actor: Actor, tools: GateTools, waiver: int) -> SeenWaiver:
    with tools.units.view(actor) as unit:
        return _seen(unit, _for(unit, use_cases.LIST_WAIVERS, waiver))


def ask_waiver(actor: Actor, tools: GateTools, node: int, wanted: WaiverWanted) -> Waiver:
    """PlumblineError ``waiver-incomplete``, ``waiver-end-wrong``, ``waiver-scope-wrong``, ``no-such-line``,
    ``waiver-known``."""
    reason = wanted.reason.strip()[:LONGEST_REASON]
    with tools.units.change(actor) as unit:
        ancestors = unit.require(use_cases.ASK_WAIVER, node)
        if not reason or not wanted.rule_set or not wanted.line:
            raise _refused("waiver-incomplete", t("A waiver names a policy or a contract, a line of it, and a reason."))
        _check_end(unit, ancestors, wanted.ends)
        _check_scope(ancestors, wanted)
        _check_line(unit, ancestors, wanted)
        path = ancestors[0].path if ancestors else ""
        asked = Waiver(
            uid=tools.server.new_uid(), node=node, path=path, rule_set=wanted.rule_set, line=wanted.line,
            of_contract=wanted.of_contract, commit=wanted.commit, digest=wanted.digest, change=wanted.change,
            reason=reason, asked_by=actor.name, asked=unit.now, ends=wanted.ends,
        )  # fmt: skip
        _check_new(unit, asked)
        made = unit.tx.waivers.add(asked)
        content = events.WaiverAsked(
            rule_set=made.rule_set, line=made.line, person=actor.name, reason=reason, until=timestamp(made.ends),
            commit=made.commit or UNSET, digest=made.digest or UNSET, change=made.change or UNSET,
        )  # fmt: skip
        unit.record(made.uid, content, path)
        return made


def decide_waiver(actor: Actor, tools: GateTools, waiver: int, *, agree: bool) -> Waiver:
    """Agree as a second person, or refuse it. PlumblineError ``waiver-over``, ``two-persons``."""
    with tools.units.view(actor) as unit:
        asked = _for(unit, use_cases.DECIDE_WAIVER, waiver)
    authors = authors_of(tools, asked) if agree else ()
    with tools.units.change(actor) as unit:
        found = _for(unit, use_cases.DECIDE_WAIVER, waiver)
        if waiver_state(found, unit.now, active_names(unit.tx, [found])) is not WaiverState.ASKED:
            raise _refused("waiver-over", t("This waiver does not wait for anybody."))
        if agree and unit.breaks_duty(use_cases.DECIDE_WAIVER, found.asked_by):
            raise _refused("two-persons", t("Another person than the one who asked has to agree."))
        if agree and any(_is(actor, one) for one in authors):
            raise _refused("two-persons", t("Whoever wrote the change does not agree that it is let through."))
        if agree:
            after = msgspec.structs.replace(found, agreed_by=actor.name, agreed=unit.now)
        else:
            after = msgspec.structs.replace(found, refused_by=actor.name, refused=unit.now)
        _put(unit, found, after)
        content = events.WaiverDecided(
            rule_set=found.rule_set, line=found.line, decision="agreed" if agree else "refused",
            asked_by=found.asked_by, person=actor.name, until=timestamp(found.ends),
        )  # fmt: skip
        unit.record(found.uid, content, found.path)
        return after


def end_waiver(actor: Actor, tools: GateTools, waiver: int) -> Waiver:
    """Take it back before its time. PlumblineError ``waiver-over``."""
    with tools.units.change(actor) as unit:
        found = _for(unit, use_cases.END_WAIVER, waiver)
        if waiver_state(found, unit.now, active_names(unit.tx, [found])) in _OVER:
            raise _refused("waiver-over", t("This waiver holds no longer."))
        after = msgspec.structs.replace(found, ended=unit.now, ended_by=actor.name)
        _put(unit, found, after)
        content = events.WaiverEnded(rule_set=found.rule_set, line=found.line, why="taken_back", person=actor.name)
        unit.record(found.uid, content, found.path)
        return after


def waiting_waivers(unit: UnitOfWork) -> list[Waiver]:
    """Those that wait for a second person, which the actor may be; whoever wrote the change is told when they try."""
    nodes = [one.id for one in unit.nodes(use_cases.DECIDE_WAIVER)]
    places = [*nodes, *([INSTANCE] if unit.everywhere(use_cases.DECIDE_WAIVER) else [])]
    found = [_seen(unit, one) for one in unit.tx.waivers.of_nodes(places, since=unit.now)] if places else []
    return [one.waiver for one in found if one.may_decide]


def ending_waivers(unit: UnitOfWork, within: int) -> list[Waiver]:
    """Those in force that the actor asked for or agreed with, and that end within so many microseconds."""
    found = unit.tx.waivers.ending(unit.now + within, MOST)
    mine = [one for one in found if unit.actor.name in (one.asked_by, one.agreed_by)]
    return [one for one in mine if _seen(unit, one).state is WaiverState.IN_FORCE]


def _seen(unit: UnitOfWork, waiver: Waiver) -> SeenWaiver:
    state = waiver_state(waiver, unit.now, active_names(unit.tx, [waiver]))
    decides = (
        state is WaiverState.ASKED
        and unit.may(use_cases.DECIDE_WAIVER, waiver.node)
        and not unit.breaks_duty(use_cases.DECIDE_WAIVER, waiver.asked_by)
    )
    ends = state not in _OVER and unit.may(use_cases.END_WAIVER, waiver.node)
    return SeenWaiver(waiver, state, decides, ends)


def _for(unit: UnitOfWork, use_case: UseCase, waiver: int) -> Waiver:
    found = unit.tx.waivers.get(waiver)
    unit.require(use_case, found.node if found else None, t("There is no waiver {waiver}.", waiver=waiver))
    assert found is not None  # noqa: S101 - `require` refuses else
    return found


def _put(unit: UnitOfWork, before: Waiver, after: Waiver) -> None:
    if not unit.tx.waivers.put(after, before):
        raise RuntimeError(f"waiver {before.id} changed inside a transaction")


def _check_end(unit: UnitOfWork, ancestors: Sequence[Node], ends: int) -> None:
    days = gate_settings.WAIVER_LONGEST_DAYS.at(ancestors)
    if not unit.now < ends <= unit.now + days * DAY:
        raise PlumblineError(
            "waiver-end-wrong",
            t("A waiver ends in the future, and after {days} days at the latest.", days=days),
            t("Choose an earlier day; who needs it for longer asks again."),
            kind=ErrorKind.REFUSED,
        )


def _check_scope(ancestors: Sequence[Node], wanted: WaiverWanted) -> None:
    """Of one commit or merge request it is known who wrote it, and that only at its project."""
    wrong = (wanted.commit and not _COMMIT.fullmatch(wanted.commit)) or (
        wanted.digest and not _DIGEST.fullmatch(wanted.digest)
    )
    if wrong:
        raise _refused("waiver-scope-wrong", t("A commit is named by its whole id, an artifact by its whole digest."))
    at_project = bool(ancestors) and ancestors[0].kind is NodeKind.PROJECT
    if (wanted.commit or wanted.change) and not at_project:
        raise _refused("waiver-scope-wrong", t("A waiver for one commit or merge request is asked for at its project."))


def _check_line(unit: UnitOfWork, ancestors: Sequence[Node], wanted: WaiverWanted) -> None:
    """Of a policy that can be read: that there is such a check. A contract may stand in the repository."""
    if wanted.of_contract:
        return
    standing = [one for one in policies_at(unit.tx, ancestors) if one.name == wanted.rule_set]
    if not standing:
        raise _refused("no-such-line", t("No policy '{name}' holds at this node.", name=wanted.rule_set))
    checks = [check.id for one in standing if one.policy is not None for check in one.policy.checks]
    if checks and wanted.line not in checks:
        raise PlumblineError(
            "no-such-line",
            t("The policy '{name}' has no check '{check}'.", name=wanted.rule_set, check=wanted.line),
            t("It has these: {names}.", names=", ".join(checks)),
            kind=ErrorKind.REFUSED,
        )


def _check_new(unit: UnitOfWork, asked: Waiver) -> None:
    same = ("rule_set", "line", "of_contract", "commit", "digest", "change")
    for one in unit.tx.waivers.of_nodes([asked.node], since=unit.now):
        state = waiver_state(one, unit.now, active_names(unit.tx, [one]))
        if state is WaiverState.ASKED and all(getattr(one, name) == getattr(asked, name) for name in same):
            raise _refused("waiver-known", t("This was asked already, and waits for a second person."))


def _is(actor: Actor, author: str) -> bool:
    """Whether the actor is who a fact names: by the name they sign in with, or by the address they have here."""
    mail = author.rpartition("<")[2].rstrip(">") if author.endswith(">") else ""
    own = {actor.name.casefold()} | ({actor.person.email.casefold()} if actor.person.email else set())
    return author.casefold() in own or (bool(mail) and mail.casefold() in own)


def _refused(code: str, message: Text) -> PlumblineError:
    return PlumblineError(code, message, kind=ErrorKind.REFUSED)
