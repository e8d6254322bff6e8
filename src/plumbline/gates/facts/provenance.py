"""Provenance of artifacts."""

from __future__ import annotations

from plumbline.gates.facts._fact import GateFact
from plumbline.judging.expressions import ValueType
from plumbline.kernel import t

_WANTS = ("provenance",)
PART = (
    GateFact(
        name="provenance.artifacts",
        type=ValueType.COUNT,
        unit="artifacts",
        how=t(
            "Artifacts that the pipeline pushed, by digest; signatures, bills and statements about "
            "them are not counted."
        ),
        wants=_WANTS,
    ),
    GateFact(
        name="provenance.with_provenance",
        type=ValueType.COUNT,
        unit="artifacts",
        how=t(
            "Those of provenance.artifacts with a provenance statement about their digest that this server signed; "
            "what others signed is not counted."
        ),
        wants=_WANTS,
    ),
    GateFact(
        name="provenance.missing",
        type=ValueType.TEXTS,
        how=t("Digests of those without one."),
        wants=_WANTS,
    ),
)
