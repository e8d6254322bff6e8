"""The metrics of delivery that this server computes day by day: each a fact over a window, at one stage of the way."""

from __future__ import annotations

from hashlib import sha256
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from plumbline.facts.answering import answer_to
from plumbline.facts.catalog import definitions
from plumbline.facts.catalog._help import elapsed, items_of, tickets, ties
from plumbline.facts.definition import Definition, Question, sample
from plumbline.kernel import t
from plumbline.model.fact import Fact, Window

if TYPE_CHECKING:
    from plumbline.facts.evidence import Evidence
    from plumbline.model.fact import Cited

DAY = 86_400_000_000


class Metric(msgspec.Struct, frozen=True):
    """``fact``: one of the catalogue; empty: ``definition`` is its own."""

    name: str
    fact: str = ""
    days: int = 90
    definition: Definition | None = None

    @property
    def defined(self) -> Definition:
        return self.definition or definitions()[self.fact]

    @property
    def version(self) -> str:
        """Another one where the definition says something else."""
        return sha256(self.defined.how.render("en").encode()).hexdigest()[:12]


class Computed(msgspec.Struct, frozen=True, kw_only=True):
    """``value`` None: there is no data. Durations are in seconds; a sample is told by its median."""

    metric: str
    version: str
    window: Window
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None


def compute_metrics(evidence: Evidence) -> tuple[Computed, ...]:
    """Every metric, over its window up to ``evidence.as_of``."""
    return tuple(_computed(one, evidence) for one in METRICS)


def _computed(metric: Metric, evidence: Evidence) -> Computed:
    window = Window(evidence.as_of - metric.days * DAY, evidence.as_of + 1)
    fact = answer_to(metric.defined, Question(name=metric.name, evidence=evidence, window=window))
    made = Computed(metric=metric.name, version=metric.version, window=window)
    if fact.lack is not None:
        return made
    return msgspec.structs.replace(made, value=_value(fact), numerator=fact.numerator, denominator=fact.denominator)


def _value(fact: Fact) -> float | None:
    if fact.values is not None:
        return float(median(fact.values))
    if fact.denominator and fact.numerator is not None:
        return fact.numerator / fact.denominator
    return fact.value


def lead_time(question: Question) -> Fact:
    """From the telling of a work item to the first production deployment that brought one of its commits."""
    evidence = question.evidence
    tied, known = ties(evidence), tickets(evidence)
    created = {one.subject: one.time for one in reversed(evidence.of("ticket.created"))}
    first: dict[str, tuple[int, Cited]] = {}
    for one in evidence.delivered:
        for sha in one.commits:
            commit = evidence.commits.get(sha)
            for item in items_of(commit, tied, known) if commit else ():
                first.setdefault(item, (one.deployment.finished or 0, one.deployment.cited[-1]))
    values = [
        (lead, cited)
        for item, (time, cited) in sorted(first.items())
        if item in created and question.inside(time) and (lead := elapsed(created[item], time)) is not None
    ]
    return sample(question, values)


_LEAD = Definition(
    name="requirement-lead-time",
    how=t("From the telling of a work item to the first production deployment that brought one of its commits."),
    needs=("ticket.created",),
    also=(("deployment.finished",), ("commit.observed",)),
    answer=lead_time,
)
METRICS = (
    Metric("requirement-lead-time", definition=_LEAD),
    Metric("work-item-links", "commits-linked-to-a-work-item"),
    Metric("time-to-merge", "time-from-merge-request-opened-to-merged-median"),
    Metric("build-success", "automatic-build-success-published-bank-result"),
    Metric("pipeline-time", "mean-pipeline-time-published-bank-result"),
    Metric("unsteady-cases", "cases-with-both-results-on-one-revision"),
    Metric("deployment-success", "successful-production-deployments"),
    Metric("change-frequency", "production-deployments"),
    Metric("change-failure-rate", "change-failure-rate"),
    Metric("time-to-restore", "time-to-restore-after-a-failed-deployment-median"),
)
