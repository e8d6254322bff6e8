"""Gatling's ``stats.json`` and ``global_stats.json``; the percentiles are those of its defaults: 50, 75, 95, 99."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import t
from plumbline.model.report import Load, Report, Sampled, Unreadable
from plumbline.reports import limits
from plumbline.reports.distributions import TOTAL
from plumbline.reports.numbers import counted, finite, number
from plumbline.reports.parser import Marks, Parser, Source

_PERCENTILES = {"percentiles1": "p50", "percentiles2": "p75", "percentiles3": "p95", "percentiles4": "p99"}
_GLOBAL = {"All Requests", "Global Information"}
_MOST = 10_000


def _marks(marks: Marks) -> bool:
    document = marks.document
    if marks.shape != "json" or not isinstance(document, dict):
        return False
    stats = document.get("stats", document)
    return isinstance(stats, dict) and {"numberOfRequests", "percentiles1", "meanResponseTime"} <= stats.keys()


def _read(_: Source, marks: Marks) -> Report | Unreadable:
    found: list[Sampled] = []
    waiting: list[Any] = [marks.document]
    while waiting and len(found) < _MOST:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        stats = node.get("stats", node)
        if isinstance(stats, dict) and (sampled := _sampled(stats)) is not None:
            found.append(sampled)
        contents = node.get("contents")
        if isinstance(contents, dict):
            waiting += reversed(list(contents.values())[:_MOST])
    if not found or not any(one.samples for one in found):
        return Unreadable(code="no-data", message=t("The file holds no request: nothing was measured."))
    return Report(format="gatling", content=Load(measured=tuple(found)), tool="gatling")


def _sampled(stats: dict[str, Any]) -> Sampled | None:
    requests = stats.get("numberOfRequests")
    samples = counted(_of(requests))
    if samples is None:
        return None
    name = stats.get("name")
    return Sampled(
        name=TOTAL if not isinstance(name, str) or name in _GLOBAL else limits.name(name),
        samples=samples,
        errors=counted(_of(requests, "ko")),
        mean=_of(stats.get("meanResponseTime")),
        percentiles={ours: value for key, ours in _PERCENTILES.items() if (value := _of(stats.get(key))) is not None},
        per_second=_of(stats.get("meanNumberOfRequestsPerSecond")),
    )


def _of(said: Any, part: str = "total") -> float | None:
    """A number of a triple of all, good and bad ones; ``-`` stands for none, and older versions write texts."""
    value = said.get(part) if isinstance(said, dict) else None
    return number(value) if isinstance(value, str) else finite(value)


PART = Parser(
    name="gatling",
    title=t("Load test statistics of Gatling"),
    marks=_marks,
    read=_read,
    gitlab=("load_performance",),
    paths=("**/gatling/**/js/stats.json", "**/gatling/**/js/global_stats.json"),
    reference="https://docs.gatling.io/reference/stats/reports/",
)
