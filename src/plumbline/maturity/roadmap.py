"""The shortest way up: what lifts the lowest items with the least effort, and what would follow if it held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.maturity.needs import needs_of
from plumbline.model.assessment import Step

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from plumbline.maturity.needs import Unheard
    from plumbline.maturity.pack import Pack
    from plumbline.model.assessment import GroupGrade, ItemGrade, LevelVerdicts, StepNeed, Verdict

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


def reached(levels: Sequence[LevelVerdicts], held: Collection[str] = ()) -> int:
    """How many levels are proven if the criteria in ``held`` held as well."""
    count = next(
        (number for number, level in enumerate(levels) if any(one.criterion not in held for one in open_in(level))),
        len(levels),
    )
    while count > 1 and not levels[count - 1].proves:
        count -= 1
    return count


def upwards(levels: Sequence[LevelVerdicts], count: int) -> int:
    """The place of the next level that can be proven above the first ``count``; their number where there is none."""
    return next((at for at in range(count, len(levels)) if levels[at].proves or at == 0), len(levels))


def _level_if(item: ItemGrade, held: Collection[str]) -> str:
    count = reached(item.levels, held)
    return item.levels[count - 1].level if count else ""


def roadmap(
    pack: Pack, groups: Sequence[GroupGrade], unheard: Unheard | None = None
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """Steps in order: always the lowest item next, of these the one with the least effort; and the criteria to which
    none leads, because this version cannot see them. ``unheard`` None: every step there is, with no word of what it
    needs."""
    order = [level.id for level in pack.levels]
    of_group = {group.id: [item for item in group.every_item() if item.applies] for group in groups}
    items = {item.id: item for found in of_group.values() for item in found}
    now = {item.id: item.level for item in items.values()}
    needs = {} if unheard is None else {
        one.criterion: needs_of(one, unheard)
        for item in items.values() for level in item.levels for one in open_in(level)
    }  # fmt: skip
    rank = {"": 0} | {level: number for number, level in enumerate(order, 1)}
    group_of = {item.id: id_ for id_, found in of_group.items() for item in found}
    waiting = {id_: step for id_, item in items.items() if (step := _next(item, now[id_], rank, needs)) is not None}
    steps: list[Step] = []
    while waiting:
        best = min(waiting.values(), key=lambda step: (rank[step.now], step.effort, step.item))
        group = group_of[best.item]
        before = _lowest(of_group[group], now, rank)
        now[best.item] = best.level
        lifts = (group,) if _lowest(of_group[group], now, rank) != before else ()
        steps.append(msgspec.structs.replace(best, lifts=lifts))
        following = _next(items[best.item], best.level, rank, needs)
        if following is None:
            del waiting[best.item]
        else:
            waiting[best.item] = following
    return tuple(steps), tuple(id_ for id_, found in needs.items() if not found)


def _lowest(items: Sequence[ItemGrade], now: Mapping[str, str], rank: Mapping[str, int]) -> int:
    return min((rank[now[item.id]] for item in items), default=0)


def _next(item: ItemGrade, now: str, rank: Mapping[str, int], needs: Mapping[str, tuple[StepNeed, ...]]) -> Step | None:
    """What brings an item up, once it is at ``now``: as far as that leads, where nothing is open above. None also where
    nobody could see that it was done. ``rank``: 1 for the lowest level, 0 for none."""
    done = rank[now]
    at = upwards(item.levels, done)
    if at >= len(item.levels):
        return None
    missing = [one for level in item.levels[done : at + 1] for one in open_in(level)]
    if needs and not all(needs[one.criterion] for one in missing):
        return None
    there = reached(item.levels, {one.criterion for level in item.levels[: at + 1] for one in open_in(level)})
    return Step(
        item=item.id,
        name=item.name,
        now=now,
        level=item.levels[there - 1].level,
        effort=sum(EFFORT[one.effort] for one in missing),
        criteria=tuple(one.criterion for one in missing),
        needs=tuple(need for one in missing for need in needs.get(one.criterion, ())),
    )
