"""Share of a population, in percent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.judging.probes._probe import Probe
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.model.fact import Fact


def _measure(fact: Fact, _: str) -> float | None:
    if fact.numerator is None or not fact.denominator:
        return None
    return 100 * fact.numerator / fact.denominator


PART = Probe(title=t("Share of all"), units=frozenset({"%"}), measure=_measure, shares=True)
