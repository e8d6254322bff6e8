"""Licences of what is built in."""

from __future__ import annotations

from plumbline.gates.facts._fact import GateFact
from plumbline.judging.expressions import ValueType
from plumbline.kernel import t

_WANTS = ("sbom.cyclonedx", "sbom.spdx")
PART = (
    GateFact(
        name="licences.names",
        type=ValueType.TEXTS,
        how=t(
            "Licences of all components of the bills of materials, each once, as SPDX expressions or "
            "as the bill names them."
        ),
        wants=_WANTS,
    ),
    GateFact(
        name="licences.components",
        type=ValueType.COUNT,
        unit="components",
        how=t("Components of the bills of materials."),
        wants=_WANTS,
    ),
    GateFact(
        name="licences.unknown",
        type=ValueType.COUNT,
        unit="components",
        how=t("Components for which no licence is known."),
        wants=_WANTS,
    ),
)
