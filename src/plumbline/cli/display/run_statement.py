"""What the verification of a statement about a run found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.cli.display.collections import STATES, ending_said
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.evidence.run_statements import Check, Run, RunVerified
    from plumbline.kernel import Text

_NAMED = {
    "file": t("The file"),
    "signature": t("Its signature"),
    "key": t("Its key"),
    "ledger": t("The ledger"),
    "entries": t("The entries of the ledger"),
    "slots": t("What was due"),
}


def run_verified_lines(found: RunVerified) -> Iterator[Text]:
    from plumbline.evidence.run_statements import Result

    words = {Result.PASSED: t("yes"), Result.FAILED: t("NO"), Result.NO_DATA: t("not known")}
    for check in found.checks:
        yield t("{word}: {what}: {reason}{entry}", word=words[check.result], what=_NAMED[check.about],
                reason=check.reason, entry="")  # fmt: skip
    if found.result is Result.PASSED and found.run is not None:
        yield from _said(found.run)
        yield t("verified: {digest}", digest=found.digest)
        return
    reason = found.cause.reason if found.cause is not None else ""
    yield t("NOT verified: {digest}: {reason}", digest=found.digest, reason=reason)


def _said(run: Run) -> Iterator[Text]:
    ending = ending_said(run.ending)
    yield t("  {project}: run {run}, ended: {ending}", project=run.project, run=run.run or "-", ending=ending)
    for slot in run.slots:
        yield t("  due: {slot}: {state}", slot=slot.id, state=STATES.get(slot.state, slot.state))
    for name in run.failed:
        yield t("  failed: {job}", job=name)
    for name in run.not_run:
        yield t("  did not run: {job}", job=name)
    for gate in run.gates:
        yield t("  gate {policy}, version {version}: {outcome}", policy=gate.policy, version=gate.version,
                outcome=gate.outcome)  # fmt: skip
    if run.complete:
        yield t("  all that was due is there")
    else:
        yield t("  not all that was due is there")


def run_verified_fields(found: RunVerified) -> dict[str, Any]:
    cause = found.cause
    return {
        "digest": found.digest,
        "result": found.result.value,
        "cause": _fields(cause) if cause is not None else None,
        "key": found.key,
        "subjects": list(found.subjects),
        "complete": found.run.complete if found.run is not None else None,
        "slots": {one.id: one.state for one in found.run.slots} if found.run is not None else {},
        "checks": [_fields(one) for one in found.checks],
    }


def _fields(check: Check) -> dict[str, Any]:
    fields = msgspec.structs.asdict(check)
    return {**{name: fields[name] for name in ("about", "code", "entry")}, "result": check.result.value,
            "reason": str(check.reason)}  # fmt: skip
