"""Deployments: how often users are reached, and how often an attempt fails. Attempts of one are one deployment."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import DAY, concluded, day_of, effective, knowing_intents, last, split, weeks
from plumbline.facts.definition import Definition, count, lacking, rate, share, value
from plumbline.kernel import t
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Fact


def frequency(question: Question) -> Fact:
    if not any(one.production for one in question.evidence.deployments):
        return lacking(question, Lack.TOO_FEW)
    return rate(question, [last(one.cited) for one in effective(question)], weeks(question))


def per_30_days(question: Question) -> Fact:
    found = effective(question)
    if not found or question.window is None:
        return lacking(question, Lack.TOO_FEW)
    days = (question.window.end - question.window.begin) / DAY
    return value(question, len(found) / days * 30, [last(one.cited) for one in found])


def _by_day(question: Question) -> Counter[int]:
    return Counter((one.finished or 0) // DAY for one in effective(question))


def best_span(question: Question) -> Fact:
    """Five working days in a row, over the weekend too."""
    found = effective(question)
    if not found:
        return lacking(question, Lack.TOO_FEW)
    cited = {(one.finished or 0) // DAY: last(one.cited) for one in found}
    working = [day for day in range(min(cited), max(cited) + 5) if day_of(day * DAY).weekday() < 5]
    spans = [[day for day in working[at : at + 5] if day in cited] for at in range(max(1, len(working) - 4))]
    return count(question, [cited[day] for day in max(spans, key=len)], cited.values())


def busy_days(question: Question) -> Fact:
    found = effective(question)
    if not found:
        return lacking(question, Lack.TOO_FEW)
    cited = {(one.finished or 0) // DAY: last(one.cited) for one in found}
    return count(question, [cited[day] for day, number in _by_day(question).items() if number >= 2], cited.values())


def succeeded(question: Question) -> Fact:
    return share(question, *split((one.outcome == "success", last(one.cited)) for one in concluded(question)))


def failed(question: Question) -> Fact:
    return share(question, *split((one.outcome != "success", last(one.cited)) for one in concluded(question)))


_ENDED = ("deployment.finished",)
PART = (
    Definition(
        name="production-deployments",
        how=t("Successful production deployments by week; attempts of one are one, and rollbacks do not count."),
        needs=_ENDED,
        answer=knowing_intents(frequency),
    ),
    Definition(
        name="production-deployments-per-30-d",
        how=t("Successful production deployments by 30 days; attempts of one are one, and rollbacks do not count."),
        needs=_ENDED,
        answer=knowing_intents(per_30_days),
    ),
    Definition(
        name="days-with-an-effective-deployment-in-the-best-five-working-day",
        how=t("Of any five working days in a row (UTC), the most on which a production deployment succeeded."),
        needs=_ENDED,
        answer=knowing_intents(best_span),
    ),
    Definition(
        name="days-with-two-or-more-effective-deployments",
        how=t("Days (UTC) on which two production deployments or more succeeded; rollbacks do not count."),
        needs=_ENDED,
        answer=knowing_intents(busy_days),
    ),
    Definition(
        name="successful-production-deployments",
        how=t("Attempts at production deployments that succeeded, of those that succeeded or failed."),
        needs=_ENDED,
        answer=succeeded,
    ),
    Definition(
        name="failed-production-deployments",
        how=t("Attempts at production deployments that failed, of those that succeeded or failed."),
        needs=_ENDED,
        answer=failed,
    ),
)
