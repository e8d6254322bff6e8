"""The system that the project belongs to."""

from __future__ import annotations

from plumbline.gates.facts._fact import GateFact
from plumbline.judging.expressions import ValueType
from plumbline.kernel import t

PART = (
    GateFact(
        name="system.class",
        type=ValueType.TEXT,
        how=t("How critical the system is, as set at its node or above: A, B, C or D."),
    ),
)
