"""The shortest way up: what lifts the lowest items with the least effort, and what would follow if it held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.model import Step

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from plumbline.maturity.pack import Pack
    from plumbline.model import GroupGrade, ItemGrade, LevelVerdicts, Verdict

EFFORT = {"low": 1, "medium": 2, "high": 4}


def open_in(level: LevelVerdicts) -> tuple[Verdict, ...]:
    """What is required at this level and does not hold yet."""
    return tuple(one for one in level.verdicts if one.required and not one.holds)


def gaps(item: ItemGrade, upto: str = "") -> tuple[tuple[str, Verdict], ...]:
    """Level and verdict of all that is missing, from the next level up to ``upto`` (default: the next level)."""
    found: list[tuple[str, Verdict]] = []
    for level in item.levels:
        found += [(level.level, verdict) for verdict in open_in(level)]
        if level.level == upto or (not upto and found):
            break
    return tuple(found)


def what_if(items: Sequence[ItemGrade], order: Sequence[str], held: Collection[str]) -> str:
    """The level of the lowest of these items if the criteria in ``held`` held as well."""
    reached = [_level_if(item, held) for item in items if item.applies]
    return min(reached, key=lambda one: order.index(one) if one in order else -1) if reached else ""


def _level_if(item: ItemGrade, held: Collection[str]) -> str:
    reached = ""
    for level in item.levels:
        if any(one.criterion not in held for one in open_in(level)):
            break
        reached = level.level
    return reached


def roadmap(pack: Pack, groups: Sequence[GroupGrade]) -> tuple[Step, ...]:
    """Steps in order: always the lowest item next, of these the one with the least effort."""
    order = [level.id for level in pack.levels]
    items = [item for group in groups for item in group.every_item() if item.applies]
    now = {item.id: item.level for item in items}
    held: set[str] = set()
    steps: list[Step] = []
    while True:
        waiting = [step for item in items if (step := _next(item, now[item.id], held, order)) is not None]
        if not waiting:
            return tuple(steps)
        best = min(waiting, key=lambda step: (order.index(step.level), step.effort, step.item))
        before = {group.id: what_if(group.every_item(), order, held) for group in groups}
        held |= set(best.criteria)
        now[best.item] = best.level
        lifts = tuple(group.id for group in groups if what_if(group.every_item(), order, held) != before[group.id])
        steps.append(msgspec.structs.replace(best, lifts=lifts))


def _next(item: ItemGrade, now: str, held: set[str], order: list[str]) -> Step | None:
    """What brings an item one level up."""
    at = order.index(now) + 1 if now in order else 0
    if at >= len(item.levels):
        return None
    missing = [one for level in item.levels[: at + 1] for one in open_in(level) if one.criterion not in held]
    return Step(
        item=item.id,
        name=item.name,
        now=now,
        level=order[at],
        effort=sum(EFFORT[one.effort] for one in missing),
        criteria=tuple(one.criterion for one in missing),
    )
