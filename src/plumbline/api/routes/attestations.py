"""What is said of artifacts under a signature: verified here, or taken along to be verified elsewhere."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call, Raw
from plumbline.api.fields import END, Count, Id
from plumbline.api.route import route
from plumbline.evidence.attestations import Check, Judged, Verified
from plumbline.flow.artifacts import verify
from plumbline.kernel import t

LINES = "application/jsonl"
ArtifactDigest = Annotated[str, Meta(max_length=200, pattern=rf"^[a-z0-9]+:[0-9a-f]+{END}")]


class VerificationStep(msgspec.Struct, frozen=True, kw_only=True):
    """``about``: bytes, ledger, attestation, recorded or provenance. ``entry``: of the ledger, that it rests on; 0:
    none. ``digest``: of the attestation."""

    about: str
    result: str
    code: str
    reason: str
    entry: Count
    digest: str
    predicate: str


class AttestationView(msgspec.Struct, frozen=True, kw_only=True):
    """``standing``: trusted, unknown (by a key that is not known) or refused. ``key``: name of the one that signed."""

    digest: str
    standing: str
    code: str
    reason: str
    predicate: str
    subjects: list[str]
    key: str
    entry: Count
    says: list[tuple[str, str]]


class ArtifactVerification(msgspec.Struct, frozen=True, kw_only=True):
    """``result``: passed, failed or no-data, which is no pass."""

    digest: str
    result: str
    checks: list[VerificationStep]
    attestations: list[AttestationView]


class SigningKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """``until``: number of the last entry of the ledger that it vouches for; 0: it signs now."""

    key: str
    pem: str
    until: Count


class SigningKeyList(msgspec.Struct, frozen=True, kw_only=True):
    keys: list[SigningKeyView]


@route("POST", "/projects/{project}/artifacts/{digest}/verification", status=200, slow=True, refusals=(409, 422),
       title=t("Verify an artifact: its bytes, what is said of it, and the ledger."),
       use_case=use_cases.VERIFY_ARTIFACT)  # fmt: skip
def verify_artifact(call: Call, project: Id, digest: ArtifactDigest) -> ArtifactVerification:
    return _show(verify.verify_artifact(call.actor, call.tools.attestations, project, digest))


@route("POST", "/projects/{project}/artifacts/{digest}/export", status=200, slow=True, refusals=(409, 422),
       title=t("Take what is said of an artifact along, as a file that `plumb artifact verify` verifies."),
       media=LINES, use_case=use_cases.EXPORT_ARTIFACT)  # fmt: skip
def export_artifact(call: Call, project: Id, digest: ArtifactDigest) -> Raw:
    made = verify.export_artifact(call.actor, call.tools.attestations, project, digest)
    named = (("Content-Disposition", f'attachment; filename="{made.name}"'),)
    return Raw(made.lines, LINES, headers=named)


@route("GET", "/signing-keys", t("The public keys that this server signs with, the newest one last."),
       refusals=(409,), use_case=use_cases.READ_SIGNING_KEY)  # fmt: skip
def list_signing_keys(call: Call) -> SigningKeyList:
    found = verify.signing_keys(call.actor, call.tools.attestations)
    return SigningKeyList(keys=[SigningKeyView(key=one.key, pem=one.pem, until=one.until) for one in found])


def _show(found: Verified) -> ArtifactVerification:
    return ArtifactVerification(
        digest=found.digest,
        result=found.result.value,
        checks=[_check(one) for one in found.checks],
        attestations=[_judged(one) for one in found.attestations],
    )


def _check(one: Check) -> VerificationStep:
    return VerificationStep(
        about=one.about,
        result=one.result.value,
        code=one.code,
        reason=str(one.reason),
        entry=one.entry,
        digest=one.digest,
        predicate=one.predicate,
    )


def _judged(one: Judged) -> AttestationView:
    return AttestationView(
        digest=one.digest,
        standing=one.standing.value,
        code=one.code,
        reason=str(one.reason),
        predicate=one.predicate,
        subjects=list(one.subjects),
        key=one.key,
        entry=one.entry,
        says=[(str(line.name), line.value) for line in one.says],
    )


PART = (verify_artifact, export_artifact, list_signing_keys)
