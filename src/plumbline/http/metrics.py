"""Figures for Prometheus. Labels are bounded: names of operations, methods and classes of status, never ids."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from plumbline.flow.pipelines.metrics_hook import Observed
from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from prometheus_client import Metric

    from plumbline.flow.service import FigureNow
    from plumbline.model.job import State
    from plumbline.model.server import Outcome

CONTENT_TYPE = CONTENT_TYPE_LATEST
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)
_LONG_BUCKETS = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14400.0)
_log = logging.getLogger(__name__)


class Metrics:
    """The figures of this process, and of the store when they are asked for.

    ``gauges`` answers the figures that are read from the store at that moment.
    """

    def __init__(self, gauges: Callable[[], Sequence[FigureNow]]) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._registry.register(_Gauges(gauges))
        self._requests = Counter(
            "plumbline_http_requests", "Requests answered.", ("method", "operation", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "plumbline_http_request_seconds",
            "How long answers took.",
            ("operation",),
            registry=self._registry,
            buckets=_BUCKETS,
        )

        self._observed = {
            what: Histogram(name, text, ("state",), registry=self._registry, buckets=_LONG_BUCKETS)
            for what, name, text in (
                (Observed.QUEUE, "plumbline_job_queue_seconds", "How long jobs waited for a runner."),
                (Observed.JOB, "plumbline_job_seconds", "How long attempts at jobs ran, by how they ended."),
                (Observed.PIPELINE, "plumbline_pipeline_seconds", "How long pipelines took, by how they ended."),
                (Observed.DELIVERY, "plumbline_delivery_seconds", "How long deliveries took, by what came of them."),
            )
        }

    def observed(self, what: Observed, state: State | Outcome, seconds: float) -> None:
        """Of this process: where there are several replicas, theirs add up."""
        self._observed[what].labels(state.value).observe(seconds)

    def answered(self, method: str, operation: str, status: int, seconds: float) -> None:
        shown = method if method in _METHODS else "other"
        self._requests.labels(shown, operation, f"{status // 100}xx" if status else "none").inc()
        self._seconds.labels(operation).observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self._registry)


class _Gauges:
    """Read when asked. A store that does not answer gives ``plumbline_store_up 0`` and no other figures."""

    def __init__(self, read: Callable[[], Sequence[FigureNow]]) -> None:
        self._read = read

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        try:
            found: Sequence[FigureNow] = self._read()
        except PlumblineError as error:
            _log.warning("no figures from the store", extra={"fields": {"code": error.code}})
            found = ()
        yield GaugeMetricFamily("plumbline_store_up", "Whether the store answers.", 1 if found else 0)
        families: dict[str, GaugeMetricFamily] = {}
        for figure in found:
            labels = ("state",) if figure.state else ()
            family = families.setdefault(figure.name, GaugeMetricFamily(figure.name, figure.text, labels=labels))
            family.add_metric((figure.state,) if figure.state else (), figure.value)
        yield from families.values()
