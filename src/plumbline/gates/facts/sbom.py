"""Bills of materials of artifacts."""

from __future__ import annotations

from plumbline.gates.facts._fact import GateFact
from plumbline.judging.expressions import ValueType
from plumbline.kernel import t

_WANTS = ("sbom.cyclonedx", "sbom.spdx")
PART = (
    GateFact(
        name="sbom.artifacts",
        type=ValueType.COUNT,
        unit="artifacts",
        how=t(
            "Artifacts that the pipeline pushed, by digest; signatures, bills and statements about "
            "them are not counted."
        ),
        wants=_WANTS,
    ),
    GateFact(
        name="sbom.with_sbom",
        type=ValueType.COUNT,
        unit="artifacts",
        how=t("Those of sbom.artifacts that a readable bill of materials refers to by digest."),
        wants=_WANTS,
    ),
    GateFact(
        name="sbom.missing",
        type=ValueType.TEXTS,
        how=t("Digests of those without one."),
        wants=_WANTS,
    ),
)
