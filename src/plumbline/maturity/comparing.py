"""Two packs, or two assessments: what changed in the rule, and what changed in practice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.maturity.pack import PackFile, canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.maturity.pack import Pack
    from plumbline.model.assessment import Assessment, ItemGrade


class RuleChange(msgspec.Struct, frozen=True, kw_only=True):
    """Of one item or criterion: added, removed, or the fields that differ."""

    id: str
    what: tuple[str, ...]
    before: str = ""
    after: str = ""


class ItemChange(msgspec.Struct, frozen=True, kw_only=True):
    """``before`` and ``after`` are what was found. Between them, one cause after the other: ``same_word`` is the later
    practice under the earlier rule, with the exemptions and statements of then; ``same_rule`` is that with those of
    later."""

    item: str
    before: str
    same_word: str
    same_rule: str
    after: str

    @property
    def practice_changed(self) -> bool:
        return self.before != self.same_word

    @property
    def word_changed(self) -> bool:
        """An exemption or a statement came, went or ended."""
        return self.same_word != self.same_rule

    @property
    def rule_changed(self) -> bool:
        return self.same_rule != self.after


def compare_packs(old: Pack, new: Pack) -> tuple[RuleChange, ...]:
    before, after = PackFile(old).criteria, PackFile(new).criteria
    found = [RuleChange(id=id_, what=("removed",)) for id_ in before if id_ not in after]
    found += [RuleChange(id=id_, what=("added",)) for id_ in after if id_ not in before]
    for id_ in before.keys() & after.keys():
        fields = tuple(_differing(before[id_][2], after[id_][2]))
        if before[id_][1] != after[id_][1]:
            fields = ("level", *fields)
        if fields:
            thresholds = [_thresholds(one[2]) for one in (before[id_], after[id_])]
            found.append(RuleChange(id=id_, what=fields, before=thresholds[0], after=thresholds[1]))
    items = [{item.id: item for item in one.every_item()} for one in (old, new)]
    found += [RuleChange(id=id_, what=("removed",)) for id_ in items[0].keys() - items[1].keys()]
    found += [RuleChange(id=id_, what=("added",)) for id_ in items[1].keys() - items[0].keys()]
    for id_ in items[0].keys() & items[1].keys():
        fields = tuple(one for one in _differing(items[0][id_], items[1][id_]) if one != "levels")
        if fields:
            found.append(RuleChange(id=id_, what=fields))
    whole = tuple(one for one in _differing(old, new) if one not in ("groups", "version", "overlays", "laid"))
    if whole:
        found.append(RuleChange(id=new.id, what=whole))
    return tuple(sorted(found, key=lambda one: one.id))


def _differing(old: msgspec.Struct, new: msgspec.Struct) -> Iterator[str]:
    for field in old.__struct_fields__:
        if canonical(getattr(old, field)) != canonical(getattr(new, field)):
            yield field


def _thresholds(criterion: object) -> str:
    signals = getattr(criterion, "signals", ())
    return ", ".join(f"{one.fact} {one.at.op} {one.at.value:g} {one.at.unit}" for one in signals if one.at)


_GRADES = ("before", "same_word", "same_rule", "after")  # of an item, one cause after the other


def compare_assessments(
    before: Assessment, same_word: Assessment, same_rule: Assessment, after: Assessment
) -> tuple[ItemChange, ...]:
    """Every item whose grade differs. ``same_word``: the records of ``after`` graded with the pack, the exemptions and
    the statements of ``before``; ``same_rule``: with its pack alone."""
    labels = [{item.id: _label(item) for item in one.every_item()} for one in (before, same_word, same_rule, after)]
    ids = dict.fromkeys([*labels[0], *labels[-1]])
    changes = (
        ItemChange(item=id_, **{name: found.get(id_, "") for name, found in zip(_GRADES, labels, strict=True)})
        for id_ in ids
    )
    return tuple(one for one in changes if one.practice_changed or one.word_changed or one.rule_changed)


def _label(item: ItemGrade) -> str:
    return item.label if item.applies else "n/a"
