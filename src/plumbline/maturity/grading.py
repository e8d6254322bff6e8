"""Facts in, levels out: an item has the highest level whose demands, and all below, hold; the lowest item decides."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.maturity.judging import judge, outgrown
from plumbline.maturity.pack import canonical
from plumbline.maturity.roadmap import roadmap
from plumbline.model import Assessment, GroupGrade, ItemGrade, Judgement, LevelVerdicts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.maturity.pack import Group, Item, Pack, PackFile
    from plumbline.model import Exemption, Fact, Scope, Verdict


def grade(file: PackFile, facts: Mapping[str, Fact], exemptions: Sequence[Exemption], scope: Scope) -> Assessment:
    """Hold the facts against the pack. The same input gives the same digest, in every language."""
    pack = file.pack
    exempt = _exemptions(exemptions, scope.end)
    groups = tuple(grade_group(pack, group, facts, exempt) for group in pack.groups)
    level, ceiling, _ = _lowest(pack, [item for group in groups for item in group.every_item()])
    made = Assessment(
        scope=scope,
        pack=pack.id,
        pack_version=pack.version,
        pack_digest=file.digest,
        pack_name=pack.name,
        notice=pack.notice,
        roll_up=pack.roll_up.rule,
        levels=tuple((one.id, one.name) for one in pack.levels),
        level=level,
        ceiling=ceiling,
        groups=groups,
        roadmap=roadmap(pack, groups),
    )
    return msgspec.structs.replace(made, digest=digest_of(made))


def digest_of(assessment: Assessment) -> str:
    """SHA-256 of everything in it but the digest, and the signed note, whose signature may be made anew."""
    bare = msgspec.structs.replace(
        assessment, digest="", scope=msgspec.structs.replace(assessment.scope, checkpoint="")
    )
    return f"sha256:{sha256(canonical(bare)).hexdigest()}"


def _exemptions(given: Sequence[Exemption], now: int) -> dict[str, Exemption]:
    """Those in force. That something does not apply needs a second person; no exemption without a reason counts."""
    return {
        one.rule: one
        for one in given
        if (one.until is None or one.until > now)
        and one.reason.strip()
        and (one.applies or (one.second and one.second != one.person))
    }


def grade_group(pack: Pack, group: Group, facts: Mapping[str, Fact], exempt: Mapping[str, Exemption]) -> GroupGrade:
    groups = tuple(grade_group(pack, one, facts, exempt) for one in group.groups)
    items = tuple(grade_item(pack, one, facts, exempt) for one in group.items)
    every = [*items, *(item for one in groups for item in one.every_item())]
    level, ceiling, decided_by = _lowest(pack, every)
    ranks = [_rank(pack, item.level) for item in every if item.applies]
    return GroupGrade(
        id=group.id,
        name=group.name,
        level=level,
        ceiling=ceiling,
        mean=round(sum(ranks) / len(ranks), 2) if ranks else None,
        decided_by=decided_by,
        groups=groups,
        items=items,
    )


def grade_item(pack: Pack, item: Item, facts: Mapping[str, Fact], exempt: Mapping[str, Exemption]) -> ItemGrade:
    whole = exempt.get(item.id)
    verdicts = outgrown(
        item.criteria,
        {one.id: judge(one, facts, pack.defaults, exempt.get(one.id)) for one in item.criteria},
    )
    levels = tuple(
        _level(pack, level.id, [verdicts[one.id] for one in item.levels.get(level.id, ())]) for level in pack.levels
    )
    reached = _proven(item, levels)
    above = levels[reached] if reached < len(levels) else None
    label = f"{above.level}-" if above and above.partly else levels[reached - 1].level if reached else ""
    off = item.off.reason if item.off else whole.reason if whole and not whole.applies else ""
    return ItemGrade(
        id=item.id,
        name=item.name,
        looks_at=item.looks_at,
        level=levels[reached - 1].level if reached else "",
        label=label,
        ceiling=_ceiling(pack, levels),
        levels=levels,
        applies=not off,
        reason=off,
    )


def _level(pack: Pack, level: str, verdicts: Sequence[Verdict]) -> LevelVerdicts:
    required = [verdict for verdict in verdicts if verdict.required]
    good = [verdict for verdict in required if _counts(pack, verdict)]
    return LevelVerdicts(level=level, held=len(good) == len(required), partly=bool(good), verdicts=tuple(verdicts))


def _counts(pack: Pack, verdict: Verdict) -> bool:
    return verdict.holds or (verdict.outcome is Judgement.WAIVED and pack.roll_up.waived_counts)


def _proven(item: Item, levels: Sequence[LevelVerdicts]) -> int:
    """How many levels hold. One that demands nothing proves nothing, unless it says that it is as the one below."""
    reached = _reached(levels)
    while reached > 1 and not item.inherits.get(levels[reached - 1].level) and not _demands(levels[reached - 1]):
        reached -= 1
    return reached


def _demands(level: LevelVerdicts) -> bool:
    return any(verdict.kind == "demand" for verdict in level.verdicts)


def _reached(levels: Sequence[LevelVerdicts]) -> int:
    """How many levels hold, from the lowest on."""
    return next((number for number, level in enumerate(levels) if not level.held), len(levels))


def _ceiling(pack: Pack, levels: Sequence[LevelVerdicts]) -> str:
    """The level if all that is unknown held: unknown blocks a level, but says nothing about practice."""
    reached = ""
    for level in levels:
        required = [verdict for verdict in level.verdicts if verdict.required]
        if not all(_counts(pack, one) or one.outcome is Judgement.UNKNOWN for one in required):
            break
        reached = level.level
    return reached


def _lowest(pack: Pack, items: Sequence[ItemGrade]) -> tuple[str, str, tuple[str, ...]]:
    """Level, ceiling, and the items that decide."""
    applying = [item for item in items if item.applies]
    if not applying:
        return "", "", ()
    level = min((item.level for item in applying), key=lambda one: _rank(pack, one))
    ceiling = min((item.ceiling for item in applying), key=lambda one: _rank(pack, one))
    return level, ceiling, tuple(item.id for item in applying if item.level == level)


def _rank(pack: Pack, level: str) -> int:
    """1 for the lowest level; 0 for none."""
    return next((number for number, one in enumerate(pack.levels, 1) if one.id == level), 0)


def plain(assessment: Assessment) -> Any:
    """As JSON values, both languages inside."""
    return msgspec.to_builtins(assessment)
