"""No valid statement is on file; a sign of a low level, never a demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.judging.probes._probe import Probe
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.model.fact import Fact


def _measure(fact: Fact, _: str) -> float | None:
    return None if fact.value is None else 1.0 - fact.value


PART = Probe(title=t("No valid statement on file"), units=frozenset(), measure=_measure)
