"""A catalogue, its binding and the order of its levels in; a pack out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.judging import STATEMENTS
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.maturity.pack import FORMAT, Criterion, Framework, Group, Item, Level, Pack, RetiredRequirement
from plumbline.maturity.reading import mistakes_in
from plumbline.model.words import Words
from plumbline.pipeline import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.maturity.frameworks.binding import Binding, Bound
    from plumbline.maturity.frameworks.catalogue import Area, Catalogue, Control, Requirement

ONLY = "applies"  # the one level, where nobody said that the places of application are ordered


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """``unbound``: requirements that stay unknown. ``narrow``: those that the catalogue asks for at a level and not at
    those above it; here they are asked for from there on. ``outside``: those that apply at none of the levels."""

    pack: Pack
    bound: tuple[str, ...]
    unbound: tuple[str, ...]
    narrow: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


def make_pack(catalogue: Catalogue, binding: Binding | None, levels: Sequence[str] = ()) -> Imported:
    """``levels``: places of application from the lowest to the highest; without them, those of the binding; without
    those there is one level, at which everything is asked for. Raises PlumblineError ``framework-levels``."""
    order = tuple(levels) or tuple(binding.levels if binding else ())
    _check(catalogue, order)
    laying = _Laying(catalogue, binding, order)
    groups = tuple(group for area in catalogue.areas if (group := laying.group(area)).items)
    live = [one for control in catalogue.controls if not control.retired for one in control.requirements
            if one.state != "Retired" and laying.level(one) is not None]  # fmt: skip
    bound = tuple(one.id for one in live if laying.bound(one))
    unbound = tuple(one.id for one in live if not laying.bound(one))
    pack = laying.pack(groups, bound, unbound)
    for _, message in mistakes_in(pack):
        raise PlumblineError("framework-wrong", message, t("Mend the catalogue or the binding."),
                             kind=ErrorKind.CONFIGURATION)  # fmt: skip
    return Imported(pack=pack, bound=bound, unbound=unbound, narrow=tuple(laying.narrow(live)),
                    outside=tuple(laying.outside()))  # fmt: skip


def _check(catalogue: Catalogue, order: Sequence[str]) -> None:
    known = [one.id for one in catalogue.scopes]
    for number, level in enumerate(order):
        if level not in known or level in order[:number]:
            raise PlumblineError(
                "framework-levels",
                t("'{level}' is no place of application of this catalogue, or stands here twice.", level=level),
                did_you_mean(level, known) or t("There are: {names}.", names=", ".join(known) or "-"),
                kind=ErrorKind.CONFIGURATION,
            )


class _Laying:
    def __init__(self, catalogue: Catalogue, binding: Binding | None, order: tuple[str, ...]) -> None:
        self._catalogue = catalogue
        self._binding = binding
        self._order = order

    def level(self, one: Requirement) -> str | None:
        """The lowest at which it applies; None where it applies at none of them."""
        if not self._order:
            return ONLY
        return next((level for level in self._order if level in one.applies_to), None)

    def bound(self, one: Requirement) -> Bound | None:
        return self._binding.requirements.get(one.id) if self._binding else None

    def narrow(self, live: Sequence[Requirement]) -> Iterator[str]:
        for one in live:
            at = self._order.index(self.level(one) or "") if self._order else 0
            if any(level not in one.applies_to for level in self._order[at:]):
                yield one.id

    def outside(self) -> Iterator[str]:
        for control in self._catalogue.controls:
            for one in control.requirements:
                if one.state != "Retired" and not control.retired and self.level(one) is None:
                    yield one.id

    def group(self, area: Area) -> Group:
        controls = [one for one in self._catalogue.controls if one.area == area.id and not one.retired]
        items = tuple(item for one in controls if (item := self._item(one)).levels)
        notes = (both(area.text),) if area.text else ()
        return Group(id=area.id, name=both(area.title), items=items, notes=notes)

    def _item(self, control: Control) -> Item:
        levels: dict[str, list[Criterion]] = {}
        for one in control.requirements:
            level = self.level(one)
            if one.state != "Retired" and level is not None:
                levels.setdefault(level, []).append(self._criterion(one))
        order = self._order or (ONLY,)
        return Item(
            id=control.id,
            name=both(control.title),
            looks_at=both(control.objective),
            levels={level: tuple(levels[level]) for level in order if level in levels},
            inherits={level: True for level in order if level not in levels} if levels else {},
            references=control.references,
            mark=control.state if control.state != "Active" else "",
        )

    def _criterion(self, one: Requirement) -> Criterion:
        """A draft is shown and not yet asked for: it is a sign. What is deprecated is asked for still."""
        bound = self.bound(one)
        signals = bound.signals if bound else ()
        stated = {signal.probe in STATEMENTS for signal in signals}
        return Criterion(
            id=one.id,
            text=(bound and bound.text) or both(one.text),
            kind="sign" if one.state == "Draft" else "demand",
            evidence="mixed" if len(stated) > 1 else "statement" if stated == {True} else "automatic",
            remedy=(bound and bound.remedy) or both(one.advice or one.text),
            effort=bound.effort if bound else "medium",
            signals=signals,
            origin=self._catalogue.id,
            unbound=bound is None,
            state=one.state if one.state != "Active" else "",
            applies_to=one.applies_to,
        )

    def pack(self, groups: tuple[Group, ...], bound: Sequence[str], unbound: Sequence[str]) -> Pack:
        catalogue, binding = self._catalogue, self._binding
        return Pack(
            format=FORMAT,
            id=catalogue.id,
            version=catalogue.version or catalogue.digest[7:19],
            name=(binding and binding.name) or both(catalogue.title),
            notice=_notice(catalogue, binding, len(bound), len(unbound)),
            levels=tuple(self._levels()),
            groups=groups,
            notes=(_listed(unbound),) if unbound else (),
            framework=Framework(
                form=catalogue.form,
                id=catalogue.id,
                title=catalogue.title,
                digest=catalogue.digest,
                version=catalogue.version,
                schema=catalogue.schema,
                authors=catalogue.authors,
                binding=f"{binding.id} {binding.version}" if binding else "",
                retired=tuple(_retired(catalogue)),
                names=catalogue.names,
            ),
        )

    def _levels(self) -> Iterator[Level]:
        titles = {one.id: both(one.title) for one in self._catalogue.scopes}
        said = self._binding.levels if self._binding else {}
        for level in self._order:
            yield Level(id=level, name=said.get(level) or titles[level])
        if not self._order:
            yield Level(id=ONLY, name=Words(en="all that applies", zh="全部适用要求"))


def _retired(catalogue: Catalogue) -> Iterator[RetiredRequirement]:
    for control in catalogue.controls:
        if control.retired:
            yield RetiredRequirement(id=control.id, text=control.title, replaced_by=control.replaced_by)
        for one in control.requirements:
            if one.state == "Retired":
                yield RetiredRequirement(id=one.id, text=one.text, replaced_by=one.replaced_by)


def both(text: str) -> Words:
    """A text that there is in one language only."""
    return Words(en=text or "-", zh=text or "-")


def _notice(catalogue: Catalogue, binding: Binding | None, bound: int, unbound: int) -> Words:
    """Whose it is, what decides it, and how much nothing decides: it stands wherever a level is shown."""
    whose, whole = catalogue.authors or catalogue.id, bound + unbound
    by = f" ({binding.id} {binding.version})" if binding else ""
    return Words(
        en=f"Imported from “{catalogue.title}” of {whose}; whoever uses it keeps to its licence. {bound} of {whole} "
        f"requirements are bound to facts or statements{by}; {unbound} are bound to nothing and stay unknown. A level "
        "shown here is no certificate.",
        zh=f"导入自 {whose} 的《{catalogue.title}》，使用者须遵守其许可。{whole} 条要求中有 {bound} 条已绑定事实或"
        f"书面说明{by}，{unbound} 条未绑定，一律为未知。此处的等级不是证书。",
    )


def _listed(unbound: Sequence[str]) -> Words:
    names = ", ".join(unbound)
    return Words(
        en=f"Bound to nothing, and so unknown ({len(unbound)}): {names}",
        zh=f"未绑定，因此未知（{len(unbound)} 条）：{names}",
    )
