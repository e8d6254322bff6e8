"""What a probe is: a pure function from a fact to one number, in the unit of the threshold."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.kernel import Text
    from plumbline.model.fact import Fact

SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
DURATIONS = frozenset(SECONDS)
COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """``measure`` returns the number in ``unit``, or None where the fact is not of a form that it can judge."""

    title: Text
    units: frozenset[str]  # empty: no threshold
    measure: Callable[[Fact, str], float | None]
    version: int = 1
    sampled: bool = False  # the smallest sample applies, also to what has no window
    shares: bool = False  # it applies where there is a window: five of five says something, one of one does not


def quantile(values: tuple[float, ...], q: float) -> float:
    """Interpolated (Hyndman and Fan's type 7): of 315 and 670 the median is 492.5."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * q
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def in_unit(seconds: float, unit: str) -> float:
    return seconds / SECONDS.get(unit, 1.0)
