"""Improvements, as the work item system tells them by their type or their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import day_of
from plumbline.facts.catalog._kinds import WITHDRAWN
from plumbline.facts.definition import Definition, count, lacking
from plumbline.kernel import t
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Seen

_TICKETS = ("ticket.created", "ticket.updated", "ticket.closed")
_WORDS = frozenset({"improvement", "improvements", "改进"})


def rounds(question: Question) -> Fact:
    """Where no type and no label of any item is told, nobody can tell which of them are improvements."""
    kinds: dict[str, set[str]] = {}
    for one in question.evidence.of(*_TICKETS):
        kinds.setdefault(one.subject, set()).update(_kinds(one))
    if not any(kinds.values()):
        return lacking(question, Lack.TOO_FEW)
    months: dict[tuple[int, int], Cited] = {}
    closed = question.evidence.within("ticket.closed", question.inside)
    for one in closed:
        if kinds[one.subject] & _WORDS and str(one.content.get("resolution", "")).lower() not in WITHDRAWN:
            day = day_of(one.time)
            months[day.year, day.month] = one.cited
    return count(question, list(months.values()), [one.cited for one in question.evidence.of(*_TICKETS)])


def _kinds(one: Seen) -> set[str]:
    labels = one.content.get("labels") or ()
    return {str(name).casefold() for name in (one.content.get("ticketType") or "", *labels)} - {""}


PART = (
    Definition(
        name="improvement-rounds-with-closed-items",
        how=t(
            "Months (UTC) in which a work item was closed, not withdrawn, that its type or a label calls an "
            "improvement."
        ),
        needs=("ticket.closed",),
        answer=rounds,
    ),
)
