"""What the verification of an artifact found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.evidence.attestations import Check, Judged, Verified
    from plumbline.kernel import Text


_NAMED = {
    "bytes": t("Its bytes"),
    "ledger": t("The ledger"),
    "attestation": t("What is said of it"),
    "recorded": t("What the ledger says is said of it"),
    "provenance": t("How it was built"),
}


def verified_lines(found: Verified) -> Iterator[Text]:
    from plumbline.evidence.attestations import Result, short_name

    words = {Result.PASSED: t("yes"), Result.FAILED: t("NO"), Result.NO_DATA: t("not known")}
    for check in found.checks:
        what = str(_NAMED.get(check.about, check.about))
        if check.predicate:
            what = f"{what} ({short_name(check.predicate)})"
        yield t("{word}: {what}: {reason}{entry}", word=words[check.result], what=what, reason=check.reason,
                entry=t(" (entry {seq} of the ledger)", seq=check.entry) if check.entry else "")  # fmt: skip
    for judged in found.attestations:
        for line in judged.says if judged.standing.value == "trusted" else ():
            yield t("  {key} says: {name}: {value}", key=judged.key, name=line.name, value=line.value)
    if found.result is Result.PASSED:
        yield t("verified: {digest}", digest=found.digest)
        return
    reason = found.cause.reason if found.cause is not None else ""
    if found.result is Result.FAILED:
        yield t("NOT verified: {digest}: {reason}", digest=found.digest, reason=reason)
    else:
        yield t("not verified, since nothing that is trusted says how it was built: {digest}: {reason}",
                digest=found.digest, reason=reason)  # fmt: skip


def verified_fields(found: Verified) -> dict[str, Any]:
    cause = found.cause
    return {
        "digest": found.digest,
        "result": found.result.value,
        "cause": _fields(cause) if cause is not None else None,
        "checks": [_fields(one) for one in found.checks],
        "attestations": [_judged(one) for one in found.attestations],
    }


def _fields(check: Check) -> dict[str, Any]:
    return {**msgspec.structs.asdict(check), "result": check.result.value, "reason": str(check.reason)}


def _judged(one: Judged) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(one),
        "standing": one.standing.value,
        "reason": str(one.reason),
        "says": [[str(line.name), line.value] for line in one.says],
    }
