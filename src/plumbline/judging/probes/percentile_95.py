"""The value that 95 of 100 stay below, interpolated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.judging.probes._probe import DURATIONS, Probe, in_unit, quantile
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.model.fact import Fact


def _measure(fact: Fact, unit: str) -> float | None:
    return in_unit(quantile(fact.values, 0.95), unit) if fact.values else None


PART = Probe(title=t("95th percentile"), units=DURATIONS | {"count"}, measure=_measure, sampled=True)
