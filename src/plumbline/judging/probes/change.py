"""The change of a figure against an earlier one, in percent of it or in percentage points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.judging.probes._probe import Probe
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.model.fact import Fact


def _measure(fact: Fact, _: str) -> float | None:
    return fact.value


PART = Probe(title=t("Change against earlier"), units=frozenset({"%", "pp"}), measure=_measure)
