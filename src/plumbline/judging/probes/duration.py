"""One length of time, such as the age of the newest backup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.judging.probes._probe import DURATIONS, Probe, in_unit
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.model.fact import Fact


def _measure(fact: Fact, unit: str) -> float | None:
    return None if fact.value is None else in_unit(fact.value, unit)


PART = Probe(title=t("Length of time"), units=DURATIONS, measure=_measure)
