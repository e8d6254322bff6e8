"""Failed deployments: how many there are, and how long until users are served again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.catalog._failures import INCIDENTS, causes_told, failures
from plumbline.facts.catalog._help import effective, elapsed, knowing_intents, last, split
from plumbline.facts.definition import Definition, lacking, sample, share
from plumbline.kernel import t
from plumbline.model.fact import Lack
from plumbline.trace import SECOND

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact


def change_failure_rate(question: Question) -> Fact:
    failed = failures(question.evidence)
    if not failed and not causes_told(question.evidence):
        return lacking(question, Lack.NO_SOURCE)
    return share(question, *split((one.id in failed, last(one.cited)) for one in effective(question)))


def restore_time(question: Question) -> Fact:
    """What is not over yet counts with its time so far: leaving it out would flatter."""
    failed = failures(question.evidence)
    if not failed and not causes_told(question.evidence):
        return lacking(question, Lack.NO_SOURCE)
    values: list[tuple[float, Cited]] = []
    skewed = 0
    for one in failed.values():
        begin = one.deployment.finished or 0
        if not question.inside(begin):
            continue
        end = question.evidence.as_of if one.restored is None else one.restored
        spent = elapsed(begin, end)
        if spent is None:
            skewed += 1
        else:
            values.append((spent, last(one.deployment.cited)))
    return sample(question, values, {"clock_skew": skewed} if skewed else None)


def rollback_time(question: Question) -> Fact:
    values = [
        ((one.finished - one.started) / SECOND, last(one.cited))
        for one in question.evidence.deployments
        if one.production and one.intent == "rollback" and one.outcome == "success"
        and one.started and one.finished and one.finished >= one.started and question.inside(one.finished)
    ]  # fmt: skip
    return sample(question, values)


_ENDED = ("deployment.finished",)
PART = (
    Definition(
        name="change-failure-rate",
        how=t(
            "Successful production deployments that an incident names as its cause, that were rolled back or that a "
            "later one mends, of all; each counts once, and rollbacks are in neither."
        ),
        needs=_ENDED,
        also=(INCIDENTS,),
        answer=knowing_intents(change_failure_rate),
    ),
    Definition(
        name="time-to-restore-after-a-failed-deployment-median",
        how=t(
            "From the end of a production deployment that failed its users to the end of what mended it and of its "
            "incidents; where that is not over the time so far counts."
        ),
        needs=_ENDED,
        also=(INCIDENTS,),
        answer=knowing_intents(restore_time),
    ),
    Definition(
        name="time-to-roll-back-median",
        how=t("From start to end of successful rollbacks in production."),
        needs=_ENDED,
        answer=knowing_intents(rollback_time),
    ),
)
