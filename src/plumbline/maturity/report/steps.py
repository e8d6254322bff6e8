"""The roadmap in words, one stage for each level that items are brought up from."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.kernel.text import nt
from plumbline.maturity.need_words import needs_in_words
from plumbline.maturity.report import wording as say
from plumbline.maturity.report.shown import ShownStep, Stage
from plumbline.maturity.roadmap import what_if

if TYPE_CHECKING:
    from plumbline.maturity.report.items import Writer
    from plumbline.maturity.report.shown import ShownCriterion
    from plumbline.model.assessment import Step


def stages(writer: Writer) -> tuple[Stage, ...]:
    """The steps stand in the order in which they are best taken: the lowest items first, of these the least effort."""
    known = {
        verdict.criterion: writer.verdict(verdict, level.level)
        for item in writer.assessment.every_item()
        for level in item.levels
        for verdict in level.verdicts
    }
    groups = {group.id: say.capital(group.name) for group in writer.assessment.groups}
    numbered = list(enumerate(writer.assessment.roadmap, 1))
    held: set[str] = set()
    found = []
    for level, part in groupby(numbered, key=lambda one: one[1].now):
        steps = tuple(_step(writer, number, step, known, groups) for number, step in part)
        held |= {one.id for step in steps for one in step.criteria}
        found.append(_stage(writer, level, steps, held))
    return tuple(found)


def _stage(writer: Writer, level: str, steps: tuple[ShownStep, ...], held: set[str]) -> Stage:
    effort, criteria = sum(step.effort for step in steps), sum(len(step.criteria) for step in steps)
    reached = what_if(writer.assessment.every_item(), writer.order, held)
    return Stage(
        level=level,
        title=str(t("From level {level}", level=writer.title(level))),
        summary=str(
            nt("{count} step, {criteria} criteria, effort {effort}.",
               "{count} steps, {criteria} criteria, effort {effort}.", len(steps), criteria=criteria, effort=effort)
        ),
        what_if=str(t("With these steps and those before, the whole would be at level {level}.",
                      level=writer.title(reached))),
        effort=effort,
        steps=steps,
    )  # fmt: skip


def _step(
    writer: Writer, number: int, step: Step, known: dict[str, ShownCriterion], groups: dict[str, str]
) -> ShownStep:
    name, level = say.capital(step.name), writer.title(step.level)
    lifted = [groups.get(id_, id_) for id_ in step.lifts]
    return ShownStep(
        number=number,
        item=step.item,
        name=name,
        now=step.now or "–",
        level=step.level,
        effort=step.effort,
        criteria=tuple(known[id_] for id_ in step.criteria),
        what_if=str(
            nt("With this criterion, '{name}' is at level {level}.",
               "With these {count} criteria, '{name}' is at level {level}.", len(step.criteria), name=name, level=level)
        ),
        lifts=str(t("This lifts: {names}", names=say.joined(lifted, 8))) if lifted else "",
        needs=needed(step),
        owner=writer.beside.called(step.owner) if step.owner else "",
        due=step.due,
    )  # fmt: skip


def needed(step: Step) -> str:
    """What a step takes, each once."""
    return str(t("; ")).join(str(text) for text, _ in needs_in_words(step.needs))
