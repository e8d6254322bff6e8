"""Reports that were handed out: by whom they were made, from what, and how old their data was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import bump, elapsed, split
from plumbline.facts.definition import Definition, sample, share
from plumbline.kernel import t
from plumbline.trace import micros

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Seen


def _made(question: Question) -> list[Seen]:
    return question.evidence.within("report.made", question.inside)


def generated(question: Question) -> Fact:
    return share(question, *split((one.content.get("byHand") is not True, one.cited) for one in _made(question)))


def from_template(question: Question) -> Fact:
    return share(question, *split((bool(one.content.get("template")), one.cited) for one in _made(question)))


def age(question: Question) -> Fact:
    values: list[tuple[float, Cited]] = []
    excluded: dict[str, int] = {}
    for one in _made(question):
        newest = micros(str(one.content.get("dataAsOf", "")))
        old = elapsed(newest, one.time) if newest else None
        if old is None:
            bump(excluded, "start_unknown")
        else:
            values.append((old, one.cited))
    return sample(question, values, excluded)


_MADE = ("report.made",)
PART = (
    Definition(
        name="reports-generated-by-the-system",
        how=t("Reports that a system made, of all that were told of; those of this server are made by it."),
        needs=_MADE,
        answer=generated,
    ),
    Definition(
        name="reports-built-from-a-registered-template",
        how=t("Reports of which the template is told, of all that were told of; this server tells its own."),
        needs=_MADE,
        answer=from_template,
    ),
    Definition(
        name="age-of-the-data-behind-reports-median",
        how=t("From the newest data that is in a report to the time at which it was handed out."),
        needs=_MADE,
        answer=age,
    ),
)
