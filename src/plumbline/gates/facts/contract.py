"""What was due."""

from __future__ import annotations

from plumbline.gates.facts._fact import GateFact
from plumbline.judging.expressions import ValueType
from plumbline.kernel import t

PART = (
    GateFact(
        name="contract.due",
        type=ValueType.COUNT,
        unit="slots",
        how=t("Slots of the collection, those that do not apply included."),
    ),
    GateFact(
        name="contract.filled",
        type=ValueType.COUNT,
        unit="slots",
        how=t("Slots that were filled in time."),
    ),
    GateFact(
        name="contract.late",
        type=ValueType.COUNT,
        unit="slots",
        how=t("Slots that were filled after the closing: kept, and not counted as filled."),
    ),
    GateFact(
        name="contract.open",
        type=ValueType.COUNT,
        unit="slots",
        how=t("Slots that may still be filled, because the collection is open."),
    ),
    GateFact(
        name="contract.missing",
        type=ValueType.COUNT,
        unit="slots",
        how=t("Slots that were empty at the closing."),
    ),
    GateFact(
        name="contract.refused",
        type=ValueType.COUNT,
        unit="slots",
        how=t(
            "Slots for which something came that does not count: about something else, unreadable, or "
            "from somebody whose word does not count."
        ),
    ),
    GateFact(
        name="contract.waived",
        type=ValueType.COUNT,
        unit="slots",
        how=t("Slots that two persons set aside."),
    ),
    GateFact(
        name="contract.not_applicable",
        type=ValueType.COUNT,
        unit="slots",
        how=t("Slots that do not apply, by a condition of the contract."),
    ),
    GateFact(
        name="contract.complete",
        type=ValueType.FLAG,
        how=t(
            "Whether every slot is filled in time, waived, or does not apply, and at least one is filled; while the "
            "collection is open, as of now."
        ),
    ),
    GateFact(
        name="contract.missing_ids",
        type=ValueType.TEXTS,
        how=t("Ids of all slots that are open, missing, late or refused."),
    ),
)
