"""What pages are made of: tokens and parts in all their states, in both themes side by side."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.flow.assessments.assess_ledger import Record
from plumbline.kernel import t
from plumbline.model.assessment import Judgement
from plumbline.web.charts import Area, drawn, trend_of
from plumbline.web.outcomes import KINDS
from plumbline.web.page import Ask, Shown, shows
from plumbline.web.places import Entry, Group, Where
from plumbline.web.states import EVERY
from plumbline.web.tokens import colours, measures

_DRAWN = "M2.5 2.5h5v5h-5zM10.5 8.5a3 3 0 1 0 .01 0M8.5 2.5h5l-2.5 4z"
_LEVELS = dict.fromkeys("12345", "")  # without names, which are those of a model
_DAY = 86_400 * 1_000_000  # microseconds


@shows("/design", use_case=use_cases.READ_DESIGN, entries=(
    Entry("design", t("Design"), Group.OWN, Where.INSTALLATION, order=9, drawn=_DRAWN),))  # fmt: skip
def design(ask: Ask) -> Shown:
    areas = [
        Area(str(name), count, proven, possible)
        for name, count, proven, possible in (
            (t("Build"), 4, 2.5, 4), (t("Release"), 3, 1.7, 3), (t("Measure"), 5, 3.2, 3.6), (t("Protect"), 2, 0.5, 5),
        )
    ]  # fmt: skip
    return Shown("design.html", {
        "colours": colours(),
        "measures": measures(),
        "states": EVERY,
        "outcomes": list(Judgement),
        "kinds": KINDS,
        "levels": _LEVELS,
        "radar": drawn(areas, list(_LEVELS)),
        "trend": trend_of(_records(ask.now), list(_LEVELS)),
    })  # fmt: skip


def _records(now: int) -> list[Record]:
    """Invented ones, newest first: the rule changed after the second."""
    made = [
        Record(seq=number, time=now - (5 - number) * 30 * _DAY, path="", standard="", version=version, pack=version,
               grade=grade, ceiling=ceiling, as_of=number * 400, end=now, result="", person="")
        for number, (version, grade, ceiling) in enumerate(
            (("1", "1", "3"), ("1", "1", "4"), ("2", "2", "4"), ("2", "3", "3")), 1
        )
    ]  # fmt: skip
    return made[::-1]


PART = (design,)
