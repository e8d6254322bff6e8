"""A fact held against a threshold, with what decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.judging.probes import probes
from plumbline.judging.probes._probe import COMPARE, SECONDS
from plumbline.model.assessment import Finding, Judgement
from plumbline.model.fact import OPEN, Fact, Lack, Origin

if TYPE_CHECKING:
    from plumbline.judging.probes._probe import Probe
    from plumbline.judging.signal import Defaults, Signal

COUNT = "count"
STATEMENTS = ("statement", "no_statement")
_EPSILON = 1e-9  # 0.95 * 100 is not 95


def find(signal: Signal, fact: Fact | None, defaults: Defaults) -> Finding:
    probe = probes()[signal.probe]
    at = signal.at
    fact = fact or Fact(name=signal.fact, lack=Lack.NOT_SUPPORTED)
    outcome, lack, measured = Judgement.UNKNOWN, fact.lack, None
    if lack is None:
        measured = _measured(probe, fact, at.unit if at else "")
        smallest = defaults.min_sample if _sampled(probe, signal, fact) else 1
        if measured is None:
            outcome = Judgement.ERROR
        elif fact.size < smallest:
            lack = Lack.TOO_FEW
        else:
            outcome = Judgement.MET if _good(signal, measured) else Judgement.NOT_MET
            if not _certain(signal, probe, fact):
                outcome, lack = Judgement.UNKNOWN, Lack.UNDECIDED
            elif outcome is Judgement.NOT_MET and _can_grow(signal, fact):
                outcome, lack = Judgement.UNKNOWN, Lack.TOO_FEW
    return Finding(
        probe=signal.probe,
        fact=fact,
        title=signal.title,
        outcome=outcome,
        lack=lack,
        measured=measured,
        op=at.op if at else "",
        limit=at.value if at else None,
        unit=at.unit if at else "",
        sample=fact.size,
        binding=at.binding if at else True,
        rule=f"{signal.probe}/{probe.version}",
    )


def _certain(signal: Signal, probe: Probe, fact: Fact) -> bool:
    """Whether it would be the same whatever those are of which nobody can tell."""
    unknown = sum(fact.excluded.get(reason, 0) for reason in OPEN)
    if not unknown or (fact.value is None and (fact.numerator is None or fact.denominator is None)):
        return True
    found = set()
    for good in (0, unknown):
        measured = probe.measure(_with(fact, good, unknown), signal.at.unit if signal.at else "")
        found.add(measured is not None and _good(signal, measured))
    return len(found) == 1


def _with(fact: Fact, good: int, unknown: int) -> Fact:
    """The fact, if so many of those of which nobody can tell were good; of a count, if it counted them."""
    if fact.numerator is None or fact.denominator is None:
        return msgspec.structs.replace(fact, value=(fact.value or 0) + good)
    return msgspec.structs.replace(fact, numerator=fact.numerator + good, denominator=fact.denominator + unknown)


def _can_grow(signal: Signal, fact: Fact) -> bool:
    """So many at least: too few of them are no answer where nobody was there to tell of some of the days asked about.
    All of a known few (``=``) are seen sooner."""
    grows = signal.probe == COUNT and signal.at is not None and signal.at.op in (">=", ">")
    return grows and fact.asked_days > 0


def _measured(probe: Probe, fact: Fact, unit: str) -> float | None:
    """A tool that reported one figure has done the measuring already. None where its unit is another kind of unit."""
    if fact.origin is not Origin.REPORTED or fact.value is None:
        return probe.measure(fact, unit)
    if fact.unit in SECONDS and unit in SECONDS:
        return fact.value * SECONDS[fact.unit] / SECONDS[unit]
    if (fact.unit in SECONDS) != (unit in SECONDS) and fact.unit:
        return None
    return fact.value


def _sampled(probe: Probe, signal: Signal, fact: Fact) -> bool:
    """Whether the smallest sample applies: not to a state, and not to a figure whose sample nobody told."""
    if fact.value is not None:
        return False
    return probe.sampled or bool(signal.at and signal.at.window_days and fact.denominator and probe.shares)


def _good(signal: Signal, measured: float) -> bool:
    if signal.at is None:
        return measured > 0
    limit = signal.at.value
    if abs(measured - limit) < _EPSILON:
        return signal.at.op in (">=", "<=", "=")
    return COMPARE[signal.at.op](measured, limit)


def together(findings: tuple[Finding, ...]) -> Judgement:
    """All binding ones must hold. One that does not decides; else one that is unknown does."""
    binding = {finding.outcome for finding in findings if finding.binding}
    for worst in (Judgement.ERROR, Judgement.NOT_MET, Judgement.UNKNOWN):
        if worst in binding:
            return worst
    return Judgement.MET if binding else Judgement.UNKNOWN
