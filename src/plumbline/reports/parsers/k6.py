"""Summaries of k6: of ``--summary-export``, and of ``handleSummary``, which says the same in another shape."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import t
from plumbline.model.report import Load, Report, Sampled, Unreadable
from plumbline.reports import limits
from plumbline.reports.defects import Defects
from plumbline.reports.numbers import counted, finite
from plumbline.reports.parser import Marks, Parser, Source

_TIMES = ("http_req_", "iteration_duration", "group_duration", "ws_connecting", "ws_session_duration", "ws_ping",
          "grpc_req_duration", "browser_web_vital_", "browser_http_req_duration")  # fmt: skip
_COUNTERS = {"http_req_": "http_reqs", "iteration_duration": "iterations", "grpc_req_duration": ""}
_MOST = 5_000


def _marks(marks: Marks) -> bool:
    keys = set(marks.children)
    return marks.shape == "json" and isinstance(marks.document, dict) and {"metrics", "root_group"} <= keys


def _read(_: Source, marks: Marks) -> Report | Unreadable:
    metrics = marks.document["metrics"]
    if not isinstance(metrics, dict) or not metrics:
        return Unreadable(code="no-data", message=t("The summary holds no metric: nothing was measured."))
    defects = Defects()
    measured, thresholds = [], dict[str, bool]()
    for name, metric in list(metrics.items())[:_MOST]:
        if not isinstance(metric, dict):
            defects.add("bad-metric", t("A metric is no object; it is left out."), name)
            continue
        thresholds |= _thresholds(name, metric)
        values = metric.get("values", metric)
        if isinstance(values, dict) and _is_time(name, metric, values):
            measured.append(_sampled(name, values, metrics))
    return Report(
        format="k6",
        content=Load(measured=tuple(measured), thresholds=thresholds),
        tool="k6",
        format_version="handleSummary"
        if any("values" in one for one in metrics.values() if isinstance(one, dict))
        else "summary-export",
        strict=not defects,
        defects=defects.all(),
    )


def _is_time(name: str, metric: dict[str, Any], values: dict[str, Any]) -> bool:
    """Whether it is a distribution of milliseconds. A trend of one's own says so in the newer shape alone."""
    if "avg" not in values:
        return False
    return metric["contains"] == "time" if "contains" in metric else name.startswith(_TIMES)


def _sampled(name: str, values: dict[str, Any], metrics: dict[str, Any]) -> Sampled:
    base, brace, tags = name.partition("{")
    samples, errors, per_second = counted(values.get("count")), None, None
    for begin, counter in _COUNTERS.items():
        if base.startswith(begin) and counter:
            counts = _values(metrics.get(counter + brace + tags))
            samples = counted(counts.get("count")) if samples is None else samples
            per_second = finite(counts.get("rate"))
    if base.startswith("http_req_"):
        errors = counted(_values(metrics.get("http_req_failed" + brace + tags)).get("passes"))  # true is "it failed"
    percentiles = {
        f"p{key[2:-1]}": value
        for key, said in values.items()
        if key.startswith("p(") and key.endswith(")") and len(key) < 12 and (value := finite(said)) is not None
    }
    if (median := finite(values.get("med"))) is not None:
        percentiles.setdefault("p50", median)
    return Sampled(
        name=limits.name(name),
        samples=samples,
        errors=errors,
        mean=finite(values.get("avg")),
        percentiles=percentiles,
        per_second=per_second,
    )


def _values(metric: Any) -> dict[str, Any]:
    values = metric.get("values", metric) if isinstance(metric, dict) else {}
    return values if isinstance(values, dict) else {}


def _thresholds(name: str, metric: dict[str, Any]) -> dict[str, bool]:
    """As the tool judged. In the older shape True means that a threshold was crossed (grafana/k6#1498)."""
    said = metric.get("thresholds")
    found = {}
    for rule, verdict in list(said.items())[:100] if isinstance(said, dict) else ():
        if isinstance(verdict, dict) and isinstance(verdict.get("ok"), bool):
            found[limits.name(f"{name}: {rule}")] = verdict["ok"]
        elif isinstance(verdict, bool):
            found[limits.name(f"{name}: {rule}")] = not verdict
    return found


PART = Parser(
    name="k6",
    title=t("Load test summary of k6"),
    marks=_marks,
    read=_read,
    gitlab=("load_performance",),
    paths=("**/load-performance.json", "**/k6-summary.json"),
    reference="https://grafana.com/docs/k6/latest/results-output/end-of-test/",
)
