"""Whether an artifact is what it is said to be, from its bytes, what is said of it, the keys that are known, and
nothing else.

1. The bytes have the digest; where there are no bytes, that is said.
2. Every attestation that the ledger names is there and trusted, and what the ledger's key signed is named there. What
   nobody known signed is listed, and decides nothing.
3. A trusted statement says how it was built. Without one nothing is verified: that is no data, and never a pass.
4. The first check that failed is the cause.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence.artifact_file import verify_slice
from plumbline.evidence.attestation import Judged, Known, Recorded, Standing, judge, recorded_in, trusted, with_copies
from plumbline.evidence.predicates.slsa_provenance import TYPE as PROVENANCE
from plumbline.evidence.verifying import Outcome
from plumbline.kernel import Text, t

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from plumbline.evidence.artifact_file import ArtifactFile
    from plumbline.evidence.attestation import TrustedKey
    from plumbline.evidence.notes import VerifyingKey

_OUR_KEY_ASTRAY = ("not-in-ledger", "ledger-disagrees", "key-retired")


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NO_DATA = "no-data"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """``about``: what was checked: bytes, ledger, attestation, recorded, provenance. ``entry``: of the ledger, that it
    rests on; 0: none. ``digest``: of the attestation."""

    about: str
    result: Result
    code: str
    reason: Text
    entry: int = 0
    digest: str = ""
    predicate: str = ""


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """``attestations``: all of them, also those that decide nothing."""

    digest: str
    result: Result
    checks: tuple[Check, ...]
    attestations: tuple[Judged, ...]

    @property
    def cause(self) -> Check | None:
        """Why it is not verified; None where it is."""
        if self.result is Result.PASSED:
            return None
        failed = (one for one in self.checks if one.result is Result.FAILED)
        lacking = (one for one in self.checks if one.result is Result.NO_DATA and one.about != "bytes")
        return next(failed, next(lacking, None))


def verify_artifact_file(
    found: ArtifactFile,
    keys: Sequence[VerifyingKey],
    others: Sequence[TrustedKey] = (),
    *,
    digest: str = "",
    bytes_digest: str | None = None,
) -> Verified:
    """``digest``: the artifact that was asked for; empty: the one that the file is about. ``bytes_digest``: what the
    bytes were found to have; None: they were not looked at; empty: another one, whichever."""
    subject = digest or found.about.digest
    ledger = found.of("ledger")
    slices = [verify_slice(piece.data, keys) for piece in ledger]
    whole = [one for one in slices if one.report.outcome is Outcome.INTACT]
    recorded = recorded_in(entry for one in whole for entry in one.entries)
    every_key = {(key.name, key.public): key for one in whole or slices for key in one.keys} or {
        (key.name, key.public): key for key in keys
    }
    known = Known(ledger=tuple(every_key.values()), others=tuple(others), recorded=recorded)
    judged = with_copies([judge(piece.data, subject, known) for piece in found.of("attestation")])
    checks = [_bytes(subject, found.about.digest, bytes_digest)]
    checks += [_slice(one.report.fault.message) for one in slices if one.report.fault is not None]
    if not ledger:
        checks.append(_check("ledger", Result.NO_DATA, "no-ledger", t("There are no entries of the ledger with it.")))
    elif whole:
        signed = max(one.report.signed for one in whole)
        reason = t("The entries are in the ledger, as a signed checkpoint of {size} entries shows.", size=signed)
        checks.append(_check("ledger", Result.PASSED, "", reason))
    here = {one.digest: one for one in recorded.values() if subject in one.subjects}
    missing = _missing(here, judged)
    checks += _of_attestations(judged, here, missing=bool(missing))
    checks += missing
    checks.append(_provenance(judged))
    return Verified(digest=subject, result=_overall(checks), checks=tuple(checks), attestations=judged)


def needing(verified: Verified, predicate: str) -> Verified:
    """The same, where a trusted statement of a further type has to be there; empty: none has to."""
    if not predicate:
        return verified
    found = trusted(verified.attestations, predicate)
    if found:
        reason = t("{key} makes a statement of the type {type}.", key=found[0].key, type=predicate)
        check = _check("attestation", Result.PASSED, "", reason)
    else:
        reason = t("No trusted statement is of the type {type}.", type=predicate)
        check = _check("attestation", Result.FAILED, "predicate-missing", reason)
    result = verified.result if found else Result.FAILED
    return msgspec.structs.replace(verified, result=result, checks=(*verified.checks, check))


def _overall(checks: Sequence[Check]) -> Result:
    """``no-data`` of the bytes alone does not take anything from what is said of their digest."""
    if any(one.result is Result.FAILED for one in checks):
        return Result.FAILED
    decides = [one.result for one in checks if one.about == "provenance"]
    return Result.PASSED if decides == [Result.PASSED] else Result.NO_DATA


def _bytes(subject: str, about: str, found: str | None) -> Check:
    if subject != about:
        reason = t("The file is about {other}, and not about {digest}.", other=about, digest=subject)
        return _check("bytes", Result.FAILED, "other-artifact", reason)
    if found is None:
        return _check("bytes", Result.NO_DATA, "no-bytes", t("The bytes themselves were not given."))
    if not found:
        reason = t("The bytes in the store are not what their digest says, or not there any more.")
        return _check("bytes", Result.FAILED, "bytes-changed", reason)
    if found != subject:
        reason = t("The bytes have the digest {found}, and not {digest}: they were changed, or are another artifact's.",
                   found=found, digest=subject)  # fmt: skip
        return _check("bytes", Result.FAILED, "bytes-changed", reason)
    return _check("bytes", Result.PASSED, "", t("The bytes have the digest {digest}.", digest=subject))


def _slice(reason: Text) -> Check:
    return _check("ledger", Result.FAILED, "ledger-broken", t("The entries of the ledger do not hold: {reason}",
                  reason=reason))  # fmt: skip


def _of_attestations(judged: Sequence[Judged], recorded: Collection[str], *, missing: bool) -> Iterator[Check]:
    """``recorded``: digests of those that the ledger says are about this artifact; ``missing``: not all are here."""
    built = bool(trusted(judged, PROVENANCE))
    for one in judged:
        spoils = one.standing is Standing.REFUSED and (
            one.code in _OUR_KEY_ASTRAY
            or one.digest in recorded
            or (one.code == "signature-wrong" and missing)
            or (one.predicate in ("", PROVENANCE) and not built)
        )
        passed = Result.PASSED if one.standing is Standing.TRUSTED else Result.NO_DATA
        yield Check(
            about="attestation",
            result=Result.FAILED if spoils else passed,
            code=one.code,
            reason=one.reason,
            entry=one.entry,
            digest=one.digest,
            predicate=one.predicate,
        )


def _missing(recorded: Mapping[str, Recorded], judged: Sequence[Judged]) -> list[Check]:
    """What the ledger says was recorded about this artifact, and is not here."""
    seen = {one.digest for one in judged}
    return [
        Check(
            about="recorded",
            result=Result.FAILED,
            code="attestation-missing",
            reason=t(
                "Entry {seq} of the ledger names an attestation ({type}) that is not here as it was recorded.",
                seq=one.seq,
                type=one.predicate,
            ),
            entry=one.seq,
            digest=one.digest,
            predicate=one.predicate,
        )
        for one in recorded.values()
        if one.digest not in seen
    ]


def _provenance(judged: Sequence[Judged]) -> Check:
    found = trusted(judged, PROVENANCE)
    if not found:
        reason = t("No trusted statement says how it was built.")
        return _check("provenance", Result.NO_DATA, "no-provenance", reason)
    reason = t("{key} says how it was built.", key=found[0].key)
    return Check(about="provenance", result=Result.PASSED, code="", reason=reason, entry=found[0].entry,
                 digest=found[0].digest, predicate=PROVENANCE)  # fmt: skip


def _check(about: str, result: Result, code: str, reason: Text) -> Check:
    return Check(about=about, result=result, code=code, reason=reason)
