"""What stands on the cover beside the grade: whatever in it is not shown by records under the model as it is."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import t
from plumbline.kernel.text import nt
from plumbline.maturity.report import wording as say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from plumbline.kernel import Text
    from plumbline.model.assessment import Assessment, Changed, Exempted, Laid

_MOST_CHANGES = 20  # of an overlay, in one sentence


def reservations(made: Assessment, called: Callable[[str], str] = str) -> tuple[str, ...]:
    """Each a sentence, in the language that is in use; none where there is nothing to say. ``called``: how people call
    whoever has a login."""
    by_name = [msgspec.structs.replace(one, person=called(one.person), second=one.second and called(one.second))
               for one in made.exempted]  # fmt: skip
    laid = [msgspec.structs.replace(one, by=one.by and called(one.by)) for one in made.overlays]
    named = msgspec.structs.replace(made, exempted=tuple(by_name), overlays=tuple(laid))
    return tuple(str(one) for one in _reservations(named))


def _reservations(made: Assessment) -> Iterator[Text | str]:
    if made.by_waivers:
        proven = say.level_title(made.levels, made.proven)
        yield t("Waivers count as met in this pack: without them, the records show: {level}.", level=proven)
    yield from _overlays(made.overlays)
    unbound = [one.criterion for item in made.every_item() for one in item.verdicts if not one.findings]
    if unbound:
        yield t("Bound to no fact and no statement, and so unknown whatever the records show ({count}): {names}",
                count=len(unbound), names=", ".join(unbound))  # fmt: skip
    yield from _off(made)
    waived = [one for one in made.exempted if one.applies]
    if waived:
        yield nt("{count} waiver is in force: {names}", "{count} waivers are in force: {names}", len(waived),
                 names=_by_whom(waived))  # fmt: skip
    yield from (say.late(one) for one in made.late)
    if said := say.ignored(made):
        yield said


def _off(made: Assessment) -> Iterator[Text]:
    """That items do not apply, and who said so."""
    items = {item.id: item for item in made.every_item()}
    off = [one for one in made.exempted if not one.applies and one.rule in items]
    counted = [one for one in off if one.counted]
    if counted:
        yield t("{count} of {all} items do not apply: {names}", count=len(counted), all=len(items),
                names=_by_whom(counted))  # fmt: skip
    if left := [one for one in off if not one.counted]:
        yield t("That {count} of {all} items do not apply is more than the pack allows, so that none of them is taken "
                "off: {names}", count=len(left), all=len(items), names=_by_whom(left))  # fmt: skip
    if parts := [one for one in made.exempted if not one.applies and one.rule not in items]:
        yield nt("{count} criterion does not apply: {names}", "{count} criteria do not apply: {names}", len(parts),
                 names=_by_whom(parts))  # fmt: skip
    by_hand = {one.rule for one in counted}
    if switched := [item.id for item in items.values() if not item.applies and item.id not in by_hand]:
        yield t("{count} of {all} items are switched off by the pack or an overlay: {names}", count=len(switched),
                all=len(items), names=", ".join(switched))  # fmt: skip


def _by_whom(found: Iterable[Exempted]) -> str:
    """Rules by who granted them, who agreed, and until when."""
    rules: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    for one in found:
        rules[one.person, one.second, one.until].append(one.rule)
    return str(t("; ")).join(_granted(*key, ", ".join(ids)) for key, ids in sorted(rules.items()))


def _granted(person: str, second: str, until: int, ids: str) -> str:
    day = say.day(until)
    if second:
        return str(t("{rules} (by {person}, agreed by {second}, until {day})", rules=ids, person=person, second=second,
                     day=day))  # fmt: skip
    return str(t("{rules} (by {person}, until {day})", rules=ids, person=person, day=day))


def _overlays(laid: Iterable[Laid]) -> Iterator[Text]:
    for one in laid:
        by = one.by or str(t("nobody who is named"))
        yield t("The overlay {id} {version} of {by} is laid over the pack; it changes: {changes}", id=one.id,
                version=one.version, by=by, changes=_changes(one.changes))  # fmt: skip


def _changes(changes: tuple[Changed, ...]) -> str:
    shown = [_change(one) for one in changes[:_MOST_CHANGES]]
    text = str(t("; ")).join(shown) or str(t("nothing"))
    if len(changes) <= _MOST_CHANGES:
        return text
    return str(t("{names} and {count} more", names=text, count=len(changes) - _MOST_CHANGES))


def _change(one: Changed) -> str:
    if one.before != one.after:
        return f"{one.rule}: {one.before or '–'} → {one.after or '–'}"
    return f"{one.rule} ({', '.join(one.what)})"
