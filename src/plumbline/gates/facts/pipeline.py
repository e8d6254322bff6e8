"""The pipeline that built what is judged."""

from __future__ import annotations

from plumbline.gates.facts._fact import GateFact
from plumbline.judging.expressions import ValueType
from plumbline.kernel import t

_WANTS = ("build",)
PART = (
    GateFact(
        name="pipeline.state",
        type=ValueType.TEXT,
        how=t("How the newest pipeline of the commit stands: success, failed, canceled, running, ..."),
        wants=_WANTS,
    ),
    GateFact(
        name="pipeline.source",
        type=ValueType.TEXT,
        how=t("What started it: push, merge_request_event, schedule, web, api, ..."),
        wants=_WANTS,
    ),
    GateFact(
        name="pipeline.protected",
        type=ValueType.FLAG,
        how=t("Whether it ran for a protected branch or tag."),
        wants=_WANTS,
    ),
    GateFact(
        name="pipeline.jobs",
        type=ValueType.COUNT,
        unit="jobs",
        how=t("Its jobs, each counted once with its newest attempt; those that were left out by rules are not there."),
        wants=_WANTS,
    ),
    GateFact(
        name="pipeline.failed_jobs",
        type=ValueType.TEXTS,
        how=t("Names of its jobs that failed and may not fail, by their newest attempt."),
        wants=_WANTS,
    ),
)
