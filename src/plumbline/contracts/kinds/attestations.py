"""Signed statements about artifacts: bills of materials, how they were built, what is said of their weaknesses."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from plumbline.contracts.kinds._kind import EvidenceKind
from plumbline.contracts.kinds._pieces import about, digest, is_digest, numbers, piece, text, texts
from plumbline.kernel import t
from plumbline.model.contract import SubjectKind

if TYPE_CHECKING:
    from plumbline.contracts.kinds._kind import Told
    from plumbline.model.contract import Evidence

_PREDICATES = {
    "sbom.cyclonedx": "https://cyclonedx.org/bom",
    "sbom.spdx": "https://spdx.dev/Document",
    "provenance": "https://slsa.dev/provenance/",
    "vex": "https://openvex.dev/",
}


def _kind_of(predicate: str) -> str:
    return next((kind for kind, begins in _PREDICATES.items() if predicate.startswith(begins)), "attestation")


def _read(kind: str, told: Told) -> tuple[Evidence, ...]:
    """Of an envelope, whose digest is that of its bytes; what it is about are its own subjects."""
    said = told.view.content
    predicate = text(said, "predicate")
    if not predicate or _kind_of(predicate) != kind:
        return ()
    subjects = about(artifact=filter(is_digest, texts(said, "subjects")))
    counts = numbers(said, {"components": "components"})
    envelope = digest(said, "digest")
    return (
        piece(told, kind, subjects, counts=counts, digest=envelope, covers=(predicate,),
              problem="" if envelope else "no-digest"),
    )  # fmt: skip


def _made(name: str, title: object, counts: tuple[str, ...] = (), reports: tuple[str, ...] = ()) -> EvidenceKind:
    return EvidenceKind(
        name=name,
        title=title,  # type: ignore[arg-type]
        of=(SubjectKind.ARTIFACT,),
        told_by=("attestation.recorded",),
        read=partial(_read, name),
        counts=counts,
        least=tuple((one, 1) for one in counts),
        reports=reports,
    )


PART = (
    _made("sbom.cyclonedx", t("Bill of materials in CycloneDX"), ("components",), ("cyclonedx",)),
    _made("sbom.spdx", t("Bill of materials in SPDX"), ("components",)),
    _made("provenance", t("How it was built, as signed provenance")),
    _made("vex", t("What is said of weaknesses (VEX)")),
    _made("attestation", t("A signed statement of another form")),
)
