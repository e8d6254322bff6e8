"""Exemptions on file: who waived what, until when, and who agreed that it does not apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from plumbline.access import use_cases
from plumbline.evidence import timestamp
from plumbline.evidence.vocabulary import own_operations as own
from plumbline.facts import LASTS
from plumbline.flow.assessments.packs import every_pack, not_in_a_pack
from plumbline.flow.assessments.tools import record_about, refused, require_where_it_stands
from plumbline.flow.ledger.prove_entry import entry_at
from plumbline.flow.tree.former_names import read_moves
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import t
from plumbline.model.tree import is_within
from plumbline.trace import micros, read_seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.access import Actor
    from plumbline.flow.assessments.tools import AssessmentTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.event import Entry
    from plumbline.model.moves import Moves


class ExemptionOnFile(msgspec.Struct, frozen=True, kw_only=True):
    """``kind``: a waiver, or that the rule does not apply, which ``second`` agreed to. ``until``: as it says; 0: it
    names no day, and ends a year after it was made. ``ends``: when it does."""

    seq: int
    path: str
    rule: str
    kind: str
    reason: str
    person: str
    second: str
    made: int
    until: int
    ends: int
    expired: bool


def list_exemptions(actor: Actor, tools: AssessmentTools, node: int) -> tuple[ExemptionOnFile, ...]:
    """Of a node, of what is below it and of the nodes above it, the newest first.

    Raises PlumblineError ``not-found``, ``not-allowed``.
    """
    with tools.units.view(actor) as unit:
        path = unit.require(use_cases.LIST_EXEMPTIONS, node)[0].path
    moves = read_moves(tools.ledger)
    every = (_on_file(entry, unit.now, moves) for entry in tools.ledger.of_types([own.ExceptionGranted.TYPE]))
    found = [one for one in every if one and (is_within(one.path, path) or is_within(path, one.path))]
    return tuple(sorted(found, key=lambda one: -one.seq))


def ending_exemptions(
    unit: UnitOfWork, tools: AssessmentTools, moves: Moves, within: int
) -> Iterator[tuple[int, ExemptionOnFile]]:
    """What the actor granted and what ends within so many microseconds, each with the node where it stands. What was
    granted anew for longer does not end."""
    last: dict[tuple[str, str], ExemptionOnFile] = {}
    for entry in tools.ledger.of_types([own.ExceptionGranted.TYPE]):
        found = _on_file(entry, unit.now, moves)
        if found is None:
            continue
        known = last.get((found.path, found.rule), found)
        last[found.path, found.rule] = max(found, known, key=lambda one: one.ends)
    for found in last.values():
        if found.person != unit.actor.name or not unit.now < found.ends < unit.now + within:
            continue
        node = unit.tx.tree.at(found.path)
        if node is not None and unit.may(use_cases.LIST_EXEMPTIONS, node.id):
            yield node.id, found


def waive_criterion(
    actor: Actor, tools: AssessmentTools, node: int, rule: str, reason: str, until: int | None = None
) -> None:
    """Of a criterion or an item, with a reason.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``no-such-rule``, ``waiver-expired``, ``no-reason``.
    """
    with tools.units.view(actor) as unit:
        unit.require(use_cases.WAIVE_CRITERION, node)
    if not any(rule in pack.criteria or pack.pack.item(rule) for pack in every_pack(tools)):
        raise not_in_a_pack("no-such-rule", t("No pack has the criterion or item '{rule}'.", rule=rule))
    if until is not None and until <= unit.now:
        raise not_in_a_pack("waiver-expired", t("This waiver has expired already."))
    if not reason.strip():
        raise refused("no-reason", t("An exemption without a reason is none."), t("Say why."))
    content = own.ExceptionGranted(
        rule=rule,
        reason=reason.strip(),
        person=actor.name,
        kind="waiver",
        until=timestamp(until) if until is not None else UNSET,
    )
    with tools.units.change(actor) as unit:
        unit.refresh()
        path = unit.require(use_cases.WAIVE_CRITERION, node)[0].path
        record_about(unit.tx, unit.writer, path, rule, content)


def agree_exemption(actor: Actor, tools: AssessmentTools, node: int, seq: int) -> None:
    """Agree, as a second person, that what was waived does not apply at all. Nobody is named as the second person: the
    second person does it.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``waiver-expired``, ``no-end``, ``second-person``.
    """
    use_case = use_cases.AGREE_EXEMPTION
    with tools.units.change(actor) as unit:
        entry = entry_at(tools.ledger, seq)
        found = _on_file(entry, unit.now, read_moves(tools.ledger)) if entry is not None else None
        path = found.path if found is not None and found.kind == "waiver" else ""
        there = require_where_it_stands(unit, use_case, use_cases.LIST_EXEMPTIONS, node, path)
        if found is None or not there:
            raise not_found(t("There is no waiver {seq} here.", seq=seq))
        if found.expired:
            raise refused("waiver-expired", t("This waiver has expired."), t("Have it granted anew."))
        if unit.breaks_duty(use_case, found.person):
            raise refused(
                "second-person",
                t("That '{rule}' does not apply takes a second person.", rule=found.rule),
                t("Ask a colleague who did not grant it."),
            )
        if not found.until:
            raise refused(
                "no-end",
                t("That '{rule}' does not apply takes a day on which it is looked at again.", rule=found.rule),
                t("Have it waived until a day, and agree to that."),
            )
        content = own.ExceptionGranted(
            rule=found.rule,
            reason=found.reason,
            person=found.person,
            second=actor.name,
            kind="notApplicable",
            until=timestamp(found.until) if found.until else UNSET,
        )
        record_about(unit.tx, unit.writer, found.path, found.rule, content)


def _on_file(entry: Entry, now: int, moves: Moves) -> ExemptionOnFile | None:
    """None where the entry is no exemption."""
    seen = read_seen(entry.body, entry.sender) if entry.type == own.ExceptionGranted.TYPE else None
    if seen is None or not seen.own:
        return None
    said = seen.content
    until = micros(said.get("until", ""))
    return ExemptionOnFile(
        seq=entry.seq,
        path=moves.now(str(seen.custom.get("project", "")), entry.seq),
        rule=str(said.get("rule", "")),
        kind=str(said.get("kind", "waiver")),
        reason=str(said.get("reason", "")),
        person=str(said.get("person", "")),
        second=str(said.get("second", "")),
        made=seen.time,
        until=until,
        ends=(ends := until or seen.time + LASTS),
        expired=ends <= now,
    )
