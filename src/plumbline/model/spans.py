"""Stretches of time, each with its beginning and its end in any unit, and how much they cover together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    Span = tuple[float, float]


def covered(spans: Iterable[Span]) -> float:
    """How long at least one of them lasted: what two share counts once."""
    total, end = 0.0, float("-inf")
    for begin, finish in sorted(spans):
        total += max(0, finish - max(begin, end))
        end = max(end, finish)
    return total


def covered_but(spans: Iterable[Span], others: Iterable[Span]) -> float:
    """How long at least one of them lasted while none of the others did."""
    others = list(others)
    return covered([*spans, *others]) - covered(others)
