"""How often in a stretch of time: the fact counts events and the days or weeks they are spread over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.judging.probes._probe import Probe
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.model.fact import Fact


def _measure(fact: Fact, _: str) -> float | None:
    if fact.numerator is None or not fact.denominator:
        return None
    return fact.numerator / fact.denominator


PART = Probe(title=t("Frequency"), units=frozenset({"/day", "/week", "ratio", "/kloc"}), measure=_measure)
