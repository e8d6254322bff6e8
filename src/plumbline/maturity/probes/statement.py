"""A valid statement is on file: signed by a named person, looked at by another, not expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.maturity.probes._probe import Probe

if TYPE_CHECKING:
    from plumbline.model import Fact


def _measure(fact: Fact, _: str) -> float | None:
    return fact.value


PART = Probe(title=t("Valid statement on file"), units=frozenset(), measure=_measure)
