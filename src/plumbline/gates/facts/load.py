"""What was measured under load."""

from __future__ import annotations

from plumbline.gates.facts._fact import GateFact
from plumbline.judging.expressions import ValueType
from plumbline.kernel import t

_WANTS = ("measurement",)
PART = (
    GateFact(
        name="load.p99_ms",
        type=ValueType.NUMBER,
        unit="ms",
        how=t(
            "The 99th percentile of response times under load, of all requests that the load report "
            "counts; of several reports the slowest."
        ),
        wants=_WANTS,
    ),
    GateFact(
        name="load.samples",
        type=ValueType.COUNT,
        unit="samples",
        how=t("Requests that load.p99_ms is made of; of several reports the fewest."),
        wants=_WANTS,
    ),
    GateFact(
        name="load.errors_share",
        type=ValueType.NUMBER,
        unit="%",
        how=t("Requests under load that failed, in percent; of several reports the largest share."),
        wants=_WANTS,
    ),
)
