"""Facts in, levels out: an item has the highest level whose demands, and all below, hold; the lowest item decides."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.maturity.criteria import judge, outgrown
from plumbline.maturity.exempting import in_force
from plumbline.maturity.pack import canonical
from plumbline.maturity.roadmap import reached, roadmap, upwards
from plumbline.model.assessment import Assessment, GroupGrade, ItemGrade, Judgement, LevelVerdicts
from plumbline.model.fact import MOST_CITED
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.maturity.pack import Group, Item, Pack, PackFile
    from plumbline.model.assessment import Late, Scope, Verdict
    from plumbline.model.fact import Cited, Exemption, Fact

_ADDED_LATER = (
    "sources", "ignored", "ignored_events", "observed_days", "asked_days", "overlays", "exempted", "by_waivers",
    "proven", "late",
)  # fmt: skip


def grade(
    file: PackFile, facts: Mapping[str, Fact], exemptions: Sequence[Exemption], scope: Scope,
    ignored: Sequence[Cited] = (), late: Sequence[Late] = (),
) -> Assessment:  # fmt: skip
    """Hold the facts against the pack. The same input gives the same digest, in every language. ``ignored``: events
    that claim to be evidence, and count for nothing. ``late``: who told late."""
    pack = file.pack
    exempt, exempted = in_force(pack, exemptions, scope.end)
    groups = tuple(grade_group(pack, group, facts, exempt) for group in pack.groups)
    level, ceiling = _whole(pack, groups)
    proven = _whole(*_without_waivers(pack, facts, exempt))[0] if pack.roll_up.waived_counts else level
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
        ignored=tuple(ignored[:MOST_CITED]),
        ignored_events=len(ignored),
        overlays=pack.laid,
        exempted=exempted,
        by_waivers=proven != level,
        proven=proven if proven != level else "",
        late=tuple(late),
    )
    return msgspec.structs.replace(settled := _settled(made), digest=digest_of(settled))


def _settled(assessment: Assessment) -> Assessment:
    """As it comes back from its JSON: a whole number where a fraction could be is written in one way only."""
    return msgspec.json.decode(canonical(assessment), type=ready(Assessment))


def digest_of(assessment: Assessment) -> str:
    """SHA-256 of everything in it but the digest, and the signed note, whose signature may be made anew."""
    bare = msgspec.structs.replace(
        assessment, digest="", scope=msgspec.structs.replace(assessment.scope, checkpoint="")
    )
    return f"sha256:{sha256(canonical(_without_empty(bare))).hexdigest()}"


def _without_empty(value: Any) -> Any:
    """Leave out what later versions added and this assessment has none of: the digests of earlier ones stay."""
    plain = msgspec.to_builtins(value, builtin_types=())
    left = [plain]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            for name in _ADDED_LATER:
                if name in one and not one[name]:
                    del one[name]
        left += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return plain


def _whole(pack: Pack, groups: Sequence[GroupGrade]) -> tuple[str, str]:
    """Level and ceiling of all there is."""
    return _lowest(pack, [item for group in groups for item in group.every_item()])[:2]


def _without_waivers(
    pack: Pack, facts: Mapping[str, Fact], exempt: Mapping[str, Exemption]
) -> tuple[Pack, tuple[GroupGrade, ...]]:
    """The same where no waiver counts as met: what the records alone show."""
    strict = msgspec.structs.replace(pack, roll_up=msgspec.structs.replace(pack.roll_up, waived_counts=False))
    return strict, tuple(grade_group(strict, group, facts, exempt) for group in strict.groups)


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
    judged = {one.id: judge(one, facts, pack.defaults, exempt.get(one.id)) for one in item.criteria}
    if pack.roll_up.waived_counts:
        judged = {id_: _not_required(one) if one.outcome is Judgement.WAIVED else one for id_, one in judged.items()}
    levels = _levels(pack, item, judged)
    level = _top(levels)
    above = next(iter(levels[upwards(levels, reached(levels)) :]), None)
    off = item.off.reason if item.off else whole.reason if whole and not whole.applies else ""
    return ItemGrade(
        id=item.id,
        name=item.name,
        looks_at=item.looks_at,
        level=level,
        label=f"{above.level}-" if above and above.partly else level,
        ceiling=_ceiling(pack, item, judged, levels),
        levels=levels,
        applies=not off,
        reason=off,
    )


def _not_required(verdict: Verdict) -> Verdict:
    return msgspec.structs.replace(verdict, required=False)


def _levels(pack: Pack, item: Item, judged: Mapping[str, Verdict]) -> tuple[LevelVerdicts, ...]:
    verdicts = outgrown(item.criteria, judged)
    return tuple(
        _level(one.id, [verdicts[by.id] for by in item.levels.get(one.id, ())], item.inherits.get(one.id, False))
        for one in pack.levels
    )


def _level(level: str, verdicts: Sequence[Verdict], inherits: bool) -> LevelVerdicts:
    required = [verdict for verdict in verdicts if verdict.required]
    good = [verdict for verdict in required if verdict.holds]
    return LevelVerdicts(
        level=level,
        held=len(good) == len(required),
        partly=bool(good),
        verdicts=tuple(verdicts),
        proves=inherits or any(verdict.kind == "demand" for verdict in verdicts),
    )


def _top(levels: Sequence[LevelVerdicts]) -> str:
    count = reached(levels)
    return levels[count - 1].level if count else ""


def _ceiling(pack: Pack, item: Item, judged: Mapping[str, Verdict], levels: Sequence[LevelVerdicts]) -> str:
    """The level if all that is unknown held: unknown blocks a level, but says nothing about practice."""
    unknown = {id_ for id_, one in judged.items() if one.outcome is Judgement.UNKNOWN}
    if unknown:
        held = {id_: msgspec.structs.replace(judged[id_], outcome=Judgement.MET) for id_ in unknown}
        levels = _levels(pack, item, {**judged, **held})
    return _top(levels)


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
