"""Metrics that the server computes by its clock, and what grades make of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.facts.live import BAD, Live

from plumbline.model.fact import Lack

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.slow
FOUR = "of-these-four-metrics-computed-in-the-window"
DEFINED = "delivery-stages-with-a-defined-metric"
PROCESS = "delivery-stages-with-a-process-metric-computed-in-the-window"
COLLECTED = "expected-collection-points-received"


def told(live: Live) -> dict[str, Any]:
    """What was computed last, by metric."""
    contents = [json.loads(entry.body)["subject"]["content"] for entry in live.events("metric.computed")]
    return {one["metric"]: one for one in contents}


def deploy(live: Live, subject: str, sha: str, **more: Any) -> None:
    said = {
        "environment": {"id": "core/production"}, "tier": "production", "outcome": "success", "intent": "deploy",
        "attempt": 1, "commit": sha, **more,
    }  # fmt: skip
    live.told("deployment.finished", subject, said)


def test_a_metric_without_data_has_no_value_and_one_with_data_says_of_how_many(live: Live) -> None:
    live.run()
    live.later(35)
    live.run({"build": BAD})
    live.computed()
    found = told(live)
    assert "value" not in found["change-frequency"]
    built = found["build-success"]
    assert (built["value"], built["numerator"], built["denominator"]) == (0.5, 1, 2)
    assert len(found) == 10


def test_each_project_gets_its_metrics_once_a_day(live: Live) -> None:
    live.add("apps", "")
    for _ in range(3):
        live.computed(0)
        list(live.due())
    assert len(live.events("metric.computed")) == 20
    live.later(1)
    list(live.due())
    assert len(live.events("metric.computed")) == 40


def test_a_round_that_was_broken_off_goes_on_with_the_projects_that_are_left(live: Live) -> None:
    live.add("apps", "")
    next(live.due())
    first = [entry.subject.partition(":")[0] for entry in live.events("metric.computed")]
    assert len(first) == 10
    list(live.due())
    every = [entry.subject.partition(":")[0] for entry in live.events("metric.computed")]
    assert len(every) == 20
    assert len({*every}) == 2
    live.later(1)
    assert len(live.events("metric.computed")) == 20
    list(live.due())
    assert len(live.events("metric.computed")) == 40


def test_stages_and_results_count_where_there_was_data(live: Live) -> None:
    live.run()
    deploy(live, "d1", live.write("ann", message="First"))
    live.later(40)
    for _ in range(5):
        live.run()
    assert live.fact(DEFINED).lack is Lack.NO_SOURCE
    live.computed()
    assert live.fact(FOUR, 90).value == 1  # deployments alone
    assert live.share(DEFINED) == live.share(PROCESS, 90) == (2, 5)  # and builds
    live.told("ticket.created.0.2.0", "PAY-1", {"summary": "s", "creator": "ann", "uri": "https://t.example/1"})
    live.later(2)
    deploy(live, "d2", live.write("ann", message="PAY-1: second"))
    live.computed()
    assert told(live)["requirement-lead-time"]["value"] == pytest.approx(2 * 86_400, abs=3600)
    assert live.fact(FOUR, 90).value == 2  # nobody tells of incidents
    assert live.share(DEFINED) == live.share(PROCESS, 90) == (3, 5)


def test_days_on_which_nothing_was_computed_are_missing(live: Live) -> None:
    live.run()
    live.computed(20)
    assert live.fact(COLLECTED, 90).lack is Lack.TOO_FEW  # watched for too short a time
    live.computed(20)
    assert live.share(COLLECTED, 90) == (400, 400)
    live.later(10)
    assert live.share(COLLECTED, 90) == (400, 500)
