"""Items and areas: where they stand, cell by cell, and what is missing to the next level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.kernel.text import nt
from plumbline.maturity.report import wording as say
from plumbline.maturity.report.findings import criterion
from plumbline.maturity.report.shown import Cell, ShownArea, ShownItem, ShownLevel
from plumbline.maturity.roadmap import open_in, what_if
from plumbline.model.assessment import Judgement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.maturity.report.beside import Beside
    from plumbline.maturity.report.shown import ShownCriterion
    from plumbline.model.assessment import Assessment, GroupGrade, ItemGrade, LevelVerdicts, Step, Verdict


class Writer:
    """Writes the parts of one assessment down, in the language that is in use."""

    def __init__(self, assessment: Assessment, most_events: int, beside: Beside) -> None:
        self.assessment = assessment
        self.beside = beside
        self.order = [level for level, _ in assessment.levels]
        self.most_events = most_events
        self.next: dict[str, Step] = {}  # by item, what brings it one level up
        for step in assessment.roadmap:
            self.next.setdefault(step.item, step)
        self.verdicts = {one.criterion: one for item in assessment.every_item() for one in item.verdicts}
        self.areas = {item.id: say.capital(group.name) for group in assessment.groups for item in group.every_item()}
        self.reasons = dict(self._reasons())

    def rank(self, level: str) -> int:
        return self.order.index(level) + 1 if level in self.order else 0

    def title(self, level: str) -> str:
        return say.level_title(self.assessment.levels, level)

    def area(self, group: GroupGrade, top: str = "") -> ShownArea:
        name = say.capital(group.name)
        items = group.every_item()
        return ShownArea(
            id=group.id,
            name=name,
            level=group.level,
            standing=say.standing(group.level, group.ceiling) if any(item.applies for item in items) else "–",
            showable=(group.showable or "–") if self.assessment.scope.heard else "",
            rank=self.rank(group.level),
            ceiling_rank=self.rank(group.ceiling),
            mean=group.mean,
            mean_text="–" if group.mean is None else f"{group.mean:.2f}",
            decided=self._decided(group),
            what_if=self._area_if(group, name),
            areas=tuple(self.area(one, top or name) for one in group.groups),
            items=tuple(self.item(one, top or name) for one in group.items),
        )

    def _decided(self, group: GroupGrade) -> str:
        names = [str(item.name) for item in group.every_item() if item.id in set(group.decided_by)]
        return str(t("Decided by: {names}", names=say.joined(names))) if names else ""

    def _area_if(self, group: GroupGrade, name: str) -> str:
        """What it takes for the lowest items of an area to be one level higher, and where the area is then."""
        items = [item for item in group.every_item() if item.applies]
        missing = {id_ for one in group.decided_by if one in self.next for id_ in self.next[one].criteria}
        reached = what_if(items, self.order, missing)
        if not missing or reached == group.level:
            return ""
        return _if_held(len(missing), name, self.title(reached))

    def item(self, item: ItemGrade, area: str) -> ShownItem:
        step = self.next.get(item.id) if item.applies else None
        wanted = step.criteria if step else ()
        missing = [(level.level, one) for level in item.levels for one in level.verdicts if one.criterion in wanted]
        target = self.title(step.level) if step else ""
        name = say.capital(item.name)
        return ShownItem(
            id=item.id,
            name=name,
            area=area,
            looks_at=say.capital(item.looks_at),
            applies=item.applies,
            reason=item.reason,
            level=item.level,
            label=(item.label or "–") if item.applies else str(say.OUTCOMES[Judgement.NOT_APPLICABLE]),
            standing=say.standing(item.level, item.ceiling) if item.applies else str(say.STATES["off"]),
            levels=tuple(self._level(item, level) for level in item.levels),
            next_level=target,
            gap=tuple(self.verdict(one, level) for level, one in missing),
            what_if=_if_held(len(missing), name, target) if missing else "",
        )

    def verdict(self, verdict: Verdict, level: str) -> ShownCriterion:
        return criterion(
            verdict,
            level,
            self.assessment.scope.end,
            self.most_events,
            self.reasons.get(verdict.reason, verdict.reason),
        )

    def _reasons(self) -> Iterator[tuple[str, str]]:
        """The reasons of waivers and of not applying, which end with logins, and the same with names."""
        for one in self.assessment.exempted:
            persons = [name for name in (one.person, one.second) if name]
            yield (
                f"{one.reason} ({', '.join(persons)})",
                f"{one.reason} ({str(t(', ')).join(map(self.beside.called, persons))})",
            )

    def _level(self, item: ItemGrade, level: LevelVerdicts) -> ShownLevel:
        title = self.title(level.level)
        state, text = self._state(item, level)
        return ShownLevel(
            id=level.level,
            title=title,
            cell=Cell(
                level=level.level,
                state=state,
                text=text,
                title=str(
                    t("{item}, level {level}: {state} {count}", item=say.capital(item.name), level=title,
                      state=say.STATES[state], count=f"({text})" if text else "")
                ).rstrip(),
            ),
            criteria=tuple(self.verdict(one, level.level) for one in level.verdicts),
        )  # fmt: skip

    def _state(self, item: ItemGrade, level: LevelVerdicts) -> tuple[str, str]:
        """Unknown is a state of its own, and one thing not met outweighs it."""
        if not item.applies:
            return "off", ""
        demands = [one for one in level.verdicts if one.kind == "demand"]
        if not demands:
            return "none", ""
        missing = open_in(level)
        text = f"{len(demands) - len(missing)}/{len(demands)}"
        if level.held:
            return ("proven" if self.rank(level.level) <= self.rank(item.level) else "above"), text
        outcomes = {one.outcome for one in missing}
        if outcomes & {Judgement.NOT_MET, Judgement.ERROR}:
            return "not_met", text
        return ("unknown" if Judgement.UNKNOWN in outcomes else "waived"), text


def _if_held(count: int, name: str, level: str) -> str:
    return str(
        nt(
            "If this one criterion held, '{name}' would be at level {level}.",
            "If these {count} criteria held, '{name}' would be at level {level}.",
            count,
            name=name,
            level=level,
        )
    )
