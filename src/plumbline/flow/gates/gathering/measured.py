"""Interfaces and load: ``interface.*``, ``load.*``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.gates.gathering._ground import NOTHING, Ground, known
from plumbline.flow.reports.contents import INTERFACE_COVERAGE
from plumbline.flow.reports.interface import INTERFACE, contracts_seen
from plumbline.model.report import Load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.model.gate import FactValue
    from plumbline.model.report import Sampled

_P99 = "p99"


def gather_interface(ground: Ground) -> Mapping[str, FactValue]:
    found = {f"interface.{name}": NOTHING for name in ("declared", "tested", "share", "undeclared")}
    seen = contracts_seen(ground.tx, ground.reports)
    covered = [one.coverage for one in seen if one.coverage is not None]
    declared = sum(one.declared for one in covered)
    if not declared:
        return found
    tested = sum(one.covered for one in covered)
    last = max((one for one in ground.reports if one.holds in INTERFACE), key=lambda one: one.id)
    events = [ground.event_of(last, f"measured/{{}}/{INTERFACE_COVERAGE}:recorded")]
    return {
        "interface.declared": known(declared, events),
        "interface.tested": known(tested, events),
        "interface.share": known(100 * tested / declared, events),
        "interface.undeclared": known(sum(len(one.drift) + one.more_drift for one in covered), events),
    }


def gather_load(ground: Ground) -> Mapping[str, FactValue]:
    """Of every distribution that tells its samples; where one lacks a figure, that has no answer."""
    found = {f"load.{name}": NOTHING for name in ("p99_ms", "samples", "errors_share")}
    told: list[Sampled] = []
    events: list[str] = []
    for report in ground.holding("load"):
        content = ground.tx.reports.detail(report.id).content
        if not isinstance(content, Load):
            return found  # too large to be kept: nobody can tell
        for one in _whole(content):
            told.append(one)
            name = one.name[:150]
            events.append(ground.event_of(report, f"measured/{{}}/{name}/{_P99}:recorded"))
    if not told or any(one.samples is None for one in told):
        return found
    found["load.samples"] = known(min(one.samples or 0 for one in told), events)
    if all(_P99 in one.percentiles for one in told):
        found["load.p99_ms"] = known(float(max(one.percentiles[_P99] for one in told)), events)
    if all(one.errors is not None and one.samples for one in told):
        found["load.errors_share"] = known(max(100 * (one.errors or 0) / (one.samples or 1) for one in told), events)
    return found


def _whole(content: Load) -> tuple[Sampled, ...]:
    """What counts all requests: the distribution with the most samples, if one has as many as all others together;
    else each of them."""
    counted = [one for one in content.measured if one.samples]
    if not counted:
        return content.measured
    most = max(counted, key=lambda one: one.samples or 0)
    rest = sum(one.samples or 0 for one in counted if one is not most)
    return (most,) if len(counted) > 1 and (most.samples or 0) >= rest else content.measured
