"""Where something is to be deployed."""

from __future__ import annotations

from plumbline.gates.facts._fact import GateFact
from plumbline.judging.expressions import ValueType
from plumbline.kernel import t

PART = (
    GateFact(
        name="environment.name",
        type=ValueType.TEXT,
        how=t("Name of the environment."),
    ),
    GateFact(
        name="environment.tier",
        type=ValueType.TEXT,
        how=t("Its tier: production, staging, testing, development, other."),
    ),
)
