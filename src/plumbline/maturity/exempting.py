"""Which exemptions are in force, and how many items they may take off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.model.assessment import Exempted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.maturity.pack import Pack
    from plumbline.model.fact import Exemption


def in_force(pack: Pack, given: Sequence[Exemption], now: int) -> tuple[dict[str, Exemption], tuple[Exempted, ...]]:
    """Those that count, by their rule, and all that are in force, for whoever reads the grade.

    That something does not apply needs a second person and an end; no exemption without a reason counts. Where more
    items do not apply than the pack allows, none of them is taken off: what is left would not be the model.
    """
    valid = {one.rule: one for one in given if _stands(one, now)}
    items = pack.every_item()
    off = {item.id for item in items if item.id in valid and not valid[item.id].applies}
    too_many = len(off | {item.id for item in items if item.off}) > most_off(pack)
    counted = {rule: one for rule, one in valid.items() if not (too_many and rule in off)}
    known = {item.id for item in items} | {one.id for item in items for one in item.criteria}
    exempted = tuple(
        Exempted(
            rule=one.rule,
            reason=one.reason,
            person=one.person,
            second=one.second,
            until=one.until or 0,
            applies=one.applies,
            counted=one.rule in counted,
        )
        for one in sorted(valid.values(), key=lambda one: one.rule)
        if one.rule in known
    )
    return counted, exempted


def most_off(pack: Pack) -> float:
    """How many items need not apply; one always."""
    return max(1, pack.roll_up.most_off * len(pack.every_item()))


def _stands(one: Exemption, now: int) -> bool:
    if not one.reason.strip() or (one.until is not None and one.until <= now):
        return False
    return one.applies or bool(one.person and one.second and one.second != one.person and one.until)
