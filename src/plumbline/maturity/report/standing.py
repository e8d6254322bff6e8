"""The summary: criteria by outcome at each level, and what the decided ones rest on."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.maturity.report import wording as say
from plumbline.maturity.report.findings import basis_of
from plumbline.maturity.report.shown import CountRow, Fact
from plumbline.model.assessment import Judgement

if TYPE_CHECKING:
    from plumbline.maturity.report.items import Writer
    from plumbline.model.assessment import ItemGrade

FOCUS = 3  # the level that organisations are usually assessed for, counted from the lowest


def counts(writer: Writer) -> tuple[CountRow, ...]:
    """Of items that apply; one row for each level."""
    items = [item for item in writer.assessment.every_item() if item.applies]
    return tuple(_row(writer, items, number, level) for number, level in enumerate(writer.order))


def _row(writer: Writer, items: list[ItemGrade], number: int, level: str) -> CountRow:
    verdicts = [verdict for item in items for verdict in item.levels[number].verdicts]
    demands = [one for one in verdicts if one.kind == "demand"]
    signs = [one for one in verdicts if one.kind != "demand"]
    outcomes = Counter(one.outcome for one in demands)
    bases = Counter(basis_of(one) for one in demands)
    computed, reported, stated = bases["computed"], bases["reported"], bases["statement"]
    return CountRow(
        level=level,
        title=writer.title(level),
        outcomes=tuple(outcomes[Judgement(key)] for key in say.OUTCOMES),
        total=len(demands),
        computed=computed,
        reported=reported,
        statement=stated,
        undecided=bases[""],
        signs=len(signs),
        seen=sum(one.outcome is Judgement.MET for one in signs),
        sentence=str(
            t(
                "Of {total} criteria of level {level}, {records} are decided from records ({computed} computed, "
                "{reported} reported by tools) and {stated} by statements; {open} are not decided by evidence.",
                total=len(demands), level=writer.title(level), records=computed + reported, computed=computed,
                reported=reported, stated=stated, open=bases[""],
            )
        ),
    )  # fmt: skip


def focus(rows: tuple[CountRow, ...]) -> str:
    """The sentence about the level of interest."""
    return rows[min(FOCUS, len(rows)) - 1].sentence if rows else ""


def roll_up(rule: str) -> str:
    if rule == "lowest":
        return str(t("Roll-up rule: the lowest item decides; nothing is at a higher level than its lowest item."))
    return str(t("Roll-up rule: {rule}", rule=rule))


def particulars(writer: Writer) -> tuple[Fact, ...]:
    """What it takes to compute the same again."""
    one = writer.assessment
    return (
        Fact(name=str(t("Subject")), value=one.scope.subject),
        Fact(name=str(t("As of")), value=writer.beside.moment(one.scope.end)),
        Fact(name=str(t("Last entry looked at")), value=str(one.scope.as_of)),
        Fact(name=str(t("Pack")), value=f"{one.pack_name} ({one.pack})"),
        Fact(name=str(t("Pack version")), value=one.pack_version),
        Fact(name=str(t("Pack digest")), value=one.pack_digest),
        Fact(name=str(t("Result digest")), value=one.digest),
    )
