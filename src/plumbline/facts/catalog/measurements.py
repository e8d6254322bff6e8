"""Metrics: which have values, how long they are kept, and how their definitions change."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import split
from plumbline.facts.definition import Definition, count, lacking, ratio, share, value
from plumbline.kernel import t
from plumbline.model.fact import Lack
from plumbline.trace import SECOND

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Seen


def _by_metric(question: Question) -> dict[str, list[Seen]]:
    """Inside the window; each in order of time."""
    found: dict[str, list[Seen]] = defaultdict(list)
    for one in question.evidence.within("metric.computed", question.inside):
        found[str(one.content.get("metric"))].append(one)
    return found


def _every(question: Question) -> list[Cited]:
    return [one.cited for one in question.evidence.of("metric.computed")]


def _valued(found: list[Seen]) -> list[Seen]:
    return [one for one in found if "value" in one.content or one.content.get("denominator")]


def with_values(question: Question) -> Fact:
    found = {name: _valued(of) for name, of in _by_metric(question).items()}
    return count(question, [of[-1].cited for of in found.values() if of], _every(question))


def share_with_values(question: Question) -> Fact:
    """Of all metrics that were ever computed, with or without a result."""
    inside = {name for name, of in _by_metric(question).items() if _valued(of)}
    every = {str(one.content.get("metric")): one.cited for one in question.evidence.of("metric.computed")}
    return share(question, *split((name in inside, cited) for name, cited in sorted(every.items())))


def with_history(question: Question) -> Fact:
    """Values of two periods at least."""
    found = []
    for of in _by_metric(question).values():
        valued = _valued(of)
        if len({one.content.get("end") for one in valued}) > 1:
            found.append(valued[-1].cited)
    return count(question, found, _every(question))


def _changes(found: list[Seen]) -> list[tuple[int, Cited]]:
    """When a value was computed by another definition than the one before it."""
    pairs = pairwise(found)
    return [
        (after.time, after.cited)
        for before, after in pairs
        if before.content.get("definition") != after.content.get("definition")
    ]


def changed_definitions(question: Question) -> Fact:
    by_metric = _by_metric(question)
    if not by_metric:
        return lacking(question, Lack.TOO_FEW)
    changes = [_changes(of) for of in by_metric.values()]
    return count(question, [of[-1][1] for of in changes if of], _every(question))


def versions(question: Question) -> Fact:
    """Several that change on one day are one new version of the set."""
    by_metric = _by_metric(question)
    if not by_metric:
        return lacking(question, Lack.TOO_FEW)
    changes = dict(one for of in by_metric.values() for one in _changes(of))
    days = {time // (86_400 * SECOND): cited for time, cited in sorted(changes.items())}
    return count(question, list(days.values()), _every(question))


def newest_definition(question: Question) -> Fact:
    changes = [one for of in _by_metric(question).values() for one in _changes(of)]
    if not changes:
        return lacking(question, Lack.TOO_FEW)
    time, cited = max(changes)
    return value(question, (question.evidence.as_of - time) / SECOND, [cited])


_STAGES = {
    "plan": ("requirement-lead-time", "work-item-links"),
    "code": ("time-to-merge",),
    "build": ("build-success", "pipeline-time"),
    "test": ("unsteady-cases",),
    "deploy": ("deployment-success", "change-frequency", "change-failure-rate", "time-to-restore"),
}
_RESULTS = ("change-frequency", "requirement-lead-time", "change-failure-rate", "time-to-restore")


def results(question: Question) -> Fact:
    found = {name: _valued(of) for name, of in _by_metric(question).items() if name in _RESULTS}
    return count(question, [of[-1].cited for of in found.values() if of], _every(question))


def stages(question: Question) -> Fact:
    return _stages(question, set())


def process_stages(question: Question) -> Fact:
    return _stages(question, set(_RESULTS))


def _stages(question: Question, without: set[str]) -> Fact:
    """A metric that never had a value measures nothing."""
    newest = {name: of[-1].cited for name, told in _by_metric(question).items() if (of := _valued(told))}
    found = [
        next((newest[name] for name in names if name in newest and name not in without), None)
        for names in _STAGES.values()
    ]
    good = [one for one in found if one is not None]
    return ratio(question, len(good), len(_STAGES), good or _every(question))


def collected(question: Question) -> Fact:
    """Each metric is to be computed on each day; a value is no matter of the collection."""
    by_metric = _by_metric(question)
    if question.window is None or not by_metric:
        return lacking(question, Lack.TOO_FEW)
    days = (question.window.end - question.window.begin) // (86_400 * SECOND)
    received = {(name, one.time // (86_400 * SECOND)) for name, of in by_metric.items() for one in of}
    points = days * len(by_metric)
    return ratio(question, min(len(received), points), points, [one.cited for of in by_metric.values() for one in of])


_COMPUTED = ("metric.computed",)
PART = (
    Definition(
        name="of-these-four-metrics-computed-in-the-window",
        how=t(
            "Of change frequency, lead time of requirements, change failure rate and time to restore, those of which "
            "this server computed a value in the window."
        ),
        needs=_COMPUTED,
        answer=results,
    ),
    Definition(
        name="delivery-stages-with-a-defined-metric",
        how=t(
            "Of plan, code, build, test and deployment, the stages with a metric of which this server ever computed a "
            "value; one without data defines nothing that is measured."
        ),
        needs=_COMPUTED,
        answer=stages,
    ),
    Definition(
        name="delivery-stages-with-a-process-metric-computed-in-the-window",
        how=t(
            "Of plan, code, build, test and deployment, the stages with a metric that is none of the four results and "
            "of which this server computed a value in the window."
        ),
        needs=_COMPUTED,
        answer=process_stages,
    ),
    Definition(
        name="expected-collection-points-received",
        how=t("Days of the window on which each metric was computed, with or without data, of all days by metric."),
        needs=_COMPUTED,
        answer=collected,
    ),
    Definition(
        name="metrics-with-values",
        how=t("Metrics of which a value was computed; one without data has none."),
        needs=_COMPUTED,
        answer=with_values,
    ),
    Definition(
        name="metrics-with-stored-values",
        how=t("Metrics of which a value was computed in the window, of all that were ever computed."),
        needs=_COMPUTED,
        answer=share_with_values,
    ),
    Definition(
        name="metrics-with-a-stored-history",
        how=t("Metrics with values of two periods or more."),
        needs=_COMPUTED,
        answer=with_history,
    ),
    Definition(
        name="metric-definitions-with-more-than-one-version",
        how=t("Metrics whose values in the window were computed by more than one version of their definition."),
        needs=_COMPUTED,
        answer=changed_definitions,
    ),
    Definition(
        name="metric-set-reviews-or-new-versions",
        how=t("Days on which a metric was first computed by another version of its definition than the one before."),
        needs=_COMPUTED,
        answer=versions,
    ),
    Definition(
        name="age-of-the-newest-metric-definition-change",
        how=t("Time since a value was first computed by another version of its definition than the one before."),
        needs=_COMPUTED,
        answer=newest_definition,
    ),
)
