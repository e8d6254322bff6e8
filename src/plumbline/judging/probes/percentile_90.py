"""The value that 90 of 100 stay below, interpolated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.judging.probes._probe import DURATIONS, Probe, in_unit, quantile
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.model.fact import Fact


def _measure(fact: Fact, unit: str) -> float | None:
    return in_unit(quantile(fact.values, 0.90), unit) if fact.values else None


PART = Probe(title=t("90th percentile"), units=DURATIONS | {"count"}, measure=_measure, sampled=True)
