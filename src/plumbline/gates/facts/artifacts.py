"""What the pipeline made."""

from __future__ import annotations

from plumbline.gates.facts._fact import GateFact
from plumbline.judging.expressions import ValueType
from plumbline.kernel import t

PART = (
    GateFact(
        name="artifacts.made",
        type=ValueType.COUNT,
        unit="artifacts",
        how=t(
            "Artifacts that the pipeline pushed, by digest; signatures, bills and statements about "
            "them are not counted."
        ),
    ),
    GateFact(
        name="artifacts.digests",
        type=ValueType.TEXTS,
        how=t("Their digests."),
    ),
)
