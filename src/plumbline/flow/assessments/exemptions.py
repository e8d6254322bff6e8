"""Exemptions on file: who waived what, until when, and who agreed that it does not apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from plumbline.evidence import own_operations as own
from plumbline.evidence import timestamp
from plumbline.flow.assessments.tools import append_event, refused
from plumbline.kernel import t
from plumbline.trace import micros, read_seen

if TYPE_CHECKING:
    from plumbline.flow.assessments.tools import AssessmentTools


class ExemptionOnFile(msgspec.Struct, frozen=True, kw_only=True):
    """``kind``: a waiver, or that the rule does not apply, which ``second`` agreed to. ``until`` 0: no end."""

    seq: int
    path: str
    rule: str
    kind: str
    reason: str
    person: str
    second: str
    made: int
    until: int
    expired: bool


def exempt(
    tools: AssessmentTools,
    path: str,
    rule: str,
    reason: str,
    person: str,
    second: str = "",
    kind: str = "waiver",
    until: int | None = None,
) -> None:
    """Waive a criterion, or say that it does not apply; the latter takes a second person, both take a reason.

    ``kind``: waiver or notApplicable. Raises PlumblineError ``no-reason``, ``second-person``.
    """
    if not reason.strip():
        raise refused("no-reason", t("An exemption without a reason is none."), t("Say why."))
    if kind == "notApplicable" and (not second or second == person):
        raise refused(
            "second-person",
            t("That '{rule}' does not apply takes a second person.", rule=rule),
            t("Name a colleague who agrees."),
        )
    content = own.ExceptionGranted(
        rule=rule,
        reason=reason.strip(),
        person=person,
        second=second or UNSET,
        kind=kind,  # type: ignore[arg-type]  # the vocabulary refuses any other
        until=timestamp(until) if until is not None else UNSET,
    )
    append_event(tools, path, content, subject=rule)


def exemptions_on_file(tools: AssessmentTools, path: str) -> tuple[ExemptionOnFile, ...]:
    """Of a node, of what is below it and of the nodes above it, the newest first."""
    found = []
    now = tools.clock()
    for entry in tools.ledger.of_scope(path, tools.ledger.size()):
        seen = read_seen(entry.body) if entry.type == own.ExceptionGranted.TYPE else None
        if seen is None:
            continue
        said = seen.content
        until = micros(said.get("until", ""))
        found.append(
            ExemptionOnFile(
                seq=entry.seq,
                path=str(seen.custom.get("project", "")),
                rule=str(said.get("rule", "")),
                kind=str(said.get("kind", "waiver")),
                reason=str(said.get("reason", "")),
                person=str(said.get("person", "")),
                second=str(said.get("second", "")),
                made=seen.time,
                until=until,
                expired=0 < until <= now,
            )
        )
    return tuple(sorted(found, key=lambda one: -one.seq))


def confirm(tools: AssessmentTools, path: str, seq: int, person: str) -> ExemptionOnFile:
    """The waiver that ``person`` may agree to. Nobody is named as the second person: the second person does it.

    Raises PlumblineError ``not-found``, ``waiver-expired``, ``second-person``.
    """
    found = next((one for one in exemptions_on_file(tools, path) if one.seq == seq), None)
    if found is None or found.kind != "waiver":
        raise refused("not-found", t("There is no waiver {seq} here.", seq=seq))
    if found.expired:
        raise refused("waiver-expired", t("This waiver has expired."), t("Have it granted anew."))
    if not found.person or found.person == person:
        raise refused(
            "second-person",
            t("That '{rule}' does not apply takes a second person.", rule=found.rule),
            t("Ask a colleague who did not grant it."),
        )
    return found
