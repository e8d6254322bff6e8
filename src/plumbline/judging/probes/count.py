"""How many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.judging.probes._probe import Probe
from plumbline.kernel import t
from plumbline.model.fact import Origin

if TYPE_CHECKING:
    from plumbline.model.fact import Fact


def _measure(fact: Fact, _: str) -> float | None:
    if fact.origin is Origin.REPORTED and fact.numerator is not None:
        return fact.numerator  # so many, and among how many it was looked for
    return fact.value


PART = Probe(title=t("Number"), units=frozenset({"count"}), measure=_measure)
