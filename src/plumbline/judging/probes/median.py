"""The interpolated median of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.judging.probes._probe import DURATIONS, Probe, in_unit, quantile
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.model.fact import Fact


def _measure(fact: Fact, unit: str) -> float | None:
    return in_unit(quantile(fact.values, 0.5), unit) if fact.values else None


PART = Probe(title=t("Median"), units=DURATIONS | {"count", "%", "/day"}, measure=_measure, sampled=True)
