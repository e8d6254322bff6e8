"""Samples of a load test, one by one, made into distributions by name."""

from __future__ import annotations

from math import ceil

from plumbline.kernel import t
from plumbline.model.report import Sampled
from plumbline.reports import limits
from plumbline.reports.xml import RefusedError

TOTAL = "total"
PERCENTILES = (50, 90, 95, 99)
MOST_SAMPLES = 5_000_000
MOST_NAMES = 10_000


class Distributions:
    """``add`` takes milliseconds: when a sample began (since 1970; NaN where it does not say so) and how long it took.
    Of samples without a beginning nobody knows how many there were in a second."""

    def __init__(self) -> None:
        self._times: dict[str, list[float]] = {}
        self._errors: dict[str, int] = {}
        self._first: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self._timeless = False
        self.count = 0

    def add(self, name: str, began: float, took: float, failed: bool) -> None:
        self.count += 1
        if self.count > MOST_SAMPLES:
            raise RefusedError("too-many", t("The file has more than {most} samples.", most=MOST_SAMPLES))
        times = self._times.get(name)
        if times is None:
            if len(self._times) >= MOST_NAMES:
                raise RefusedError("too-many", t("The file has samples of more than {most} names.", most=MOST_NAMES))
            times = self._times[name] = []
            self._first[name] = began
            self._last[name] = began + took
            self._errors[name] = 0
        times.append(took)
        self._errors[name] += failed
        self._first[name] = began if began < self._first[name] else self._first[name]
        self._last[name] = began + took if began + took > self._last[name] else self._last[name]
        self._timeless = self._timeless or began != began

    def all(self) -> tuple[Sampled, ...]:
        """One for all of them together, then one for each name."""
        if not self._times:
            return ()
        if self._timeless:
            self._first = self._last = dict.fromkeys(self._times, 0.0)
        together = [took for times in self._times.values() for took in times]
        span = max(self._last.values()) - min(self._first.values())
        total = _sampled(TOTAL, together, sum(self._errors.values()), span)
        each = (
            _sampled(limits.name(name), times, self._errors[name], self._last[name] - self._first[name])
            for name, times in self._times.items()
        )
        return (total, *each)


def _sampled(name: str, times: list[float], errors: int, span: float) -> Sampled:
    """``span``: milliseconds from the first beginning to the last end. A percentile is the nearest rank."""
    times.sort()
    count = len(times)
    return Sampled(
        name=name,
        samples=count,
        errors=errors,
        mean=sum(times) / count,
        percentiles={f"p{percent}": times[ceil(percent / 100 * count) - 1] for percent in PERCENTILES},
        per_second=count / span * 1000 if span > 0 else None,
    )
