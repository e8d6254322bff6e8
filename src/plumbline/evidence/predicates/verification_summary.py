"""SLSA verification summary (VSA), version 1: somebody judged an artifact by a policy."""

from __future__ import annotations

from typing import Literal

import msgspec

from plumbline.evidence.predicate import Line, Predicate, decoded
from plumbline.evidence.statement import Resource
from plumbline.kernel import t

TYPE = "https://slsa.dev/verification_summary/v1"


class Verifier(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str


class Summary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    verifier: Verifier
    time_verified: str = ""
    resource_uri: str
    policy: Resource
    input_attestations: tuple[Resource, ...] = ()
    verification_result: Literal["PASSED", "FAILED"]
    verified_levels: tuple[str, ...] = ()
    slsa_version: str = ""


def _look(predicate: bytes) -> tuple[Line, ...]:
    found: Summary = decoded(predicate, Summary)
    return (
        Line(t("Verified by"), found.verifier.id),
        Line(t("Result"), found.verification_result),
        Line(t("Policy"), found.policy.uri or found.policy.name),
        *(Line(t("Level"), level) for level in found.verified_levels),
    )


PART = Predicate(
    title=t("Verification summary"),
    types=(TYPE,),
    look=_look,
    reference="https://slsa.dev/spec/v1.1/verification_summary",
)
