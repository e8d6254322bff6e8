"""Exemptions on file: who waived what, until when, and who agreed that it does not apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence import own_operations as own
from plumbline.facts import micros, read_seen
from plumbline.kernel import ErrorKind, PlumblineError, Text, t

if TYPE_CHECKING:
    from plumbline.flow.assessing import AssessmentTools


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
    """The waiver that ``person`` may agree to. Nobody is named as the second person: the second person does it."""
    found = next((one for one in exemptions_on_file(tools, path) if one.seq == seq), None)
    if found is None or found.kind != "waiver":
        raise _refused("not-found", t("There is no waiver {seq} here.", seq=seq))
    if found.expired:
        raise _refused("waiver-expired", t("This waiver has expired."), t("Have it granted anew."))
    if not found.person or found.person == person:
        raise _refused(
            "second-person",
            t("That '{rule}' does not apply takes a second person.", rule=found.rule),
            t("Ask a colleague who did not grant it."),
        )
    return found


def _refused(code: str, message: Text, hint: Text | None = None) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.REFUSED)
