"""Facts in, levels out: an item has the highest level whose demands, and all below, hold; the lowest item decides."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.maturity.criteria import judge, outgrown
from plumbline.maturity.exempting import in_force
from plumbline.maturity.needs import can_be_shown
from plumbline.maturity.pack import canonical
from plumbline.maturity.roadmap import reached, roadmap, upwards
from plumbline.model.assessment import Assessment, GroupGrade, ItemGrade, Judgement, LevelVerdicts
from plumbline.model.fact import MOST_CITED
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plumbline.maturity.needs import Unheard
    from plumbline.maturity.pack import Group, Item, Pack, PackFile
    from plumbline.model.assessment import Late, Scope, Step, StepPlan, Verdict
    from plumbline.model.fact import Cited, Exemption, Fact

_ADDED_LATER = (
    "ignored", "ignored_events", "overlays", "exempted", "by_waivers", "proven", "heard", "showable", "needs",
    "unrecognised", "owner", "due", "late",
)  # fmt: skip


def grade(
    file: PackFile, facts: Mapping[str, Fact], exemptions: Sequence[Exemption], scope: Scope,
    ignored: Sequence[Cited] = (), unheard: Unheard | None = None,
    plans: Mapping[tuple[str, str], StepPlan] | None = None, late: Sequence[Late] = (),
) -> Assessment:  # fmt: skip
    """Hold the facts against the pack. The same input gives the same digest, in every language. ``ignored``: events
    that claim to be evidence, and count for nothing. ``unheard``: see :mod:`plumbline.maturity.needs`; None: nobody
    noted it, so that nothing is said of what could be shown here. ``plans``: of steps, by item and level. ``late``: who
    told late."""
    pack = file.pack
    exempt, exempted = in_force(pack, exemptions, scope.end)
    groups = tuple(grade_group(pack, group, facts, exempt, unheard) for group in pack.groups)
    level, showable, ceiling, _ = _lowest(pack, _every(groups))
    waived = bool(exempt) and pack.roll_up.waived_counts
    proven = _lowest(*_without_waivers(pack, facts, exempt))[0] if waived else level
    steps, unrecognised = roadmap(pack, groups, unheard)
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
        roadmap=tuple(_planned(step, (plans or {}).get((step.item, step.level))) for step in steps),
        ignored=tuple(ignored[:MOST_CITED]),
        ignored_events=len(ignored),
        overlays=pack.laid,
        exempted=exempted,
        by_waivers=proven != level,
        proven=proven if proven != level else "",
        showable=showable,
        unrecognised=unrecognised,
        late=tuple(late),
    )
    return msgspec.structs.replace(settled := _settled(made), digest=digest_of(settled))


def _planned(step: Step, plan: StepPlan | None) -> Step:
    return step if plan is None else msgspec.structs.replace(step, owner=plan.owner, due=plan.due)


def _settled(assessment: Assessment) -> Assessment:
    """As it comes back from its JSON: a whole number where a fraction could be is written in one way only."""
    return msgspec.json.decode(msgspec.json.encode(assessment, order="deterministic"), type=ready(Assessment))


def digest_of(assessment: Assessment) -> str:
    """SHA-256 of everything in it but the digest, and the signed note, whose signature may be made anew."""
    bare = msgspec.structs.replace(
        assessment, digest="", scope=msgspec.structs.replace(assessment.scope, checkpoint="")
    )
    return f"sha256:{sha256(canonical(_without_empty(bare))).hexdigest()}"


def _without_empty(assessment: Assessment) -> Any:
    """Leave out what later versions added and this assessment has none of: the digests of earlier ones stay. Looked for
    in the whole, its scope, its groups and items, and its steps."""
    plain = msgspec.to_builtins(assessment, builtin_types=())
    left = [plain, plain["scope"], *plain["roadmap"]]
    while left:
        one = left.pop()
        for name in _ADDED_LATER:
            if name in one and not one[name]:
                del one[name]
        left += (*one.get("groups", ()), *one.get("items", ()))
    return plain


def _every(groups: Sequence[GroupGrade]) -> list[ItemGrade]:
    return [item for group in groups for item in group.every_item()]


def _without_waivers(
    pack: Pack, facts: Mapping[str, Fact], exempt: Mapping[str, Exemption]
) -> tuple[Pack, list[ItemGrade]]:
    """The same where no waiver counts as met: what the records alone show."""
    strict = msgspec.structs.replace(pack, roll_up=msgspec.structs.replace(pack.roll_up, waived_counts=False))
    return strict, [grade_item(strict, item, facts, exempt) for item in strict.every_item()]


def grade_group(
    pack: Pack, group: Group, facts: Mapping[str, Fact], exempt: Mapping[str, Exemption],
    unheard: Unheard | None = None,
) -> GroupGrade:  # fmt: skip
    groups = tuple(grade_group(pack, one, facts, exempt, unheard) for one in group.groups)
    items = tuple(grade_item(pack, one, facts, exempt, unheard) for one in group.items)
    every = [*items, *_every(groups)]
    level, showable, ceiling, decided_by = _lowest(pack, every)
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
        showable=showable,
    )


def grade_item(
    pack: Pack, item: Item, facts: Mapping[str, Fact], exempt: Mapping[str, Exemption], unheard: Unheard | None = None
) -> ItemGrade:
    whole = exempt.get(item.id)
    judged = {one.id: judge(one, facts, pack.defaults, exempt.get(one.id)) for one in item.criteria}
    if pack.roll_up.waived_counts:
        judged = {id_: _not_required(one) if one.outcome is Judgement.WAIVED else one for id_, one in judged.items()}
    levels = _levels(pack, item, judged)
    level = _top(levels)
    above = next(iter(levels[upwards(levels, reached(levels)) :]), None)
    unknown = [one for one in judged.values() if one.outcome is Judgement.UNKNOWN]
    seen = [one for one in unknown if unheard is not None and can_be_shown(one, unheard)]
    off = item.off.reason if item.off else whole.reason if whole and not whole.applies else ""
    return ItemGrade(
        id=item.id,
        name=item.name,
        looks_at=item.looks_at,
        level=level,
        label=f"{above.level}-" if above and above.partly else level,
        ceiling=_would_be(pack, item, judged, levels, unknown),
        levels=levels,
        applies=not off,
        reason=off,
        showable=_would_be(pack, item, judged, levels, seen) if unheard is not None else "",
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


def _would_be(
    pack: Pack, item: Item, judged: Mapping[str, Verdict], levels: Sequence[LevelVerdicts], also: Iterable[Verdict]
) -> str:
    """The level if ``also`` held: unknown blocks a level, but says nothing about practice."""
    held = {one.criterion: msgspec.structs.replace(one, outcome=Judgement.MET) for one in also}
    return _top(_levels(pack, item, {**judged, **held}) if held else levels)


def _lowest(pack: Pack, items: Sequence[ItemGrade]) -> tuple[str, str, str, tuple[str, ...]]:
    """Level, what could be shown, ceiling, and the items that decide."""
    applying = [item for item in items if item.applies]
    if not applying:
        return "", "", "", ()
    found = [
        min(levels, key=lambda one: _rank(pack, one))
        for levels in zip(*((item.level, item.showable, item.ceiling) for item in applying), strict=True)
    ]
    return found[0], found[1], found[2], tuple(item.id for item in applying if item.level == found[0])


def _rank(pack: Pack, level: str) -> int:
    """1 for the lowest level; 0 for none."""
    for number, one in enumerate(pack.levels, 1):
        if one.id == level:
            return number
    return 0


def plain(assessment: Assessment) -> Any:
    """As JSON values, both languages inside."""
    return msgspec.to_builtins(assessment)
