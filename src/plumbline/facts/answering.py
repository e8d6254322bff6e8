"""Names of facts in, answers out; each computed once for each window."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence.origin import OWN
from plumbline.facts.catalog import definitions
from plumbline.facts.definition import Definition, Question, rest_on
from plumbline.facts.statements import STATED, on_file, statements
from plumbline.model.fact import FEWEST_DAYS, Fact, Lack, Origin, Window, fact_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.facts.evidence import Evidence
    from plumbline.trace import Seen

DAY = 86_400_000_000
_COUNTED = ("", "count")  # units of what is counted


class Asked(msgspec.Struct, frozen=True):
    """A fact by name, over the last ``window_days`` (None: the state now). ``name@item`` is a fact about an item."""

    name: str
    window_days: int | None = None

    @property
    def key(self) -> str:
        return fact_key(self.name, self.window_days)


def answer(
    asked: Iterable[Asked], evidence: Evidence, *, statement_days: int = 365, most_late: float = 1.0
) -> dict[str, Fact]:
    """An answer to each, by its key. What nobody can tell has a reason why: it is never left out. ``most_late``: the
    share of late evidence above which there is no answer."""
    on_record = statements(evidence)
    reported = _measurements(evidence)
    found: dict[str, Fact] = {}
    for one in asked:
        if one.key in found:
            continue
        if one.name.startswith(STATED):
            found[one.key] = on_file(one.name, on_record, evidence.as_of, statement_days)
        else:
            fact = _compute(one, evidence, reported)
            if fact.lack is None and most_late < 1 and _late_share(fact, evidence) > most_late:
                fact = Fact(name=fact.name, lack=Lack.LATE, window=fact.window, cited=fact.cited, events=fact.events,
                            sources=fact.sources)  # fmt: skip
            found[one.key] = _with_words(fact, evidence)
    return found


def _late_share(fact: Fact, evidence: Evidence) -> float:
    """Of the events of those kinds in its window that it is computed from, so that none of another kind make it less;
    of what a tool reported, the newest report decides."""
    window = fact.window
    if fact.origin is Origin.REPORTED:
        told = {one.cited: one.late for one in evidence.of("measurement.recorded")}
        return float(any(told.get(one, False) for one in fact.cited))
    groups = definitions()[fact.name.partition("@")[0]].groups
    return max(evidence.late_share(group, lambda time: window is None or time in window) for group in groups)


def _with_words(fact: Fact, evidence: Evidence) -> Fact:
    """Whose word it rests on beside this server's, by the names that the sources are registered by."""
    words = tuple(sorted({evidence.word_of(one) for one in fact.sources} - {OWN}))
    return fact if words == fact.sources else msgspec.structs.replace(fact, sources=words)


def _compute(asked: Asked, evidence: Evidence, reported: dict[str, Seen]) -> Fact:
    days = asked.window_days
    window = Window(evidence.as_of - days * DAY, evidence.as_of + 1) if days else None
    base, _, item = asked.name.partition("@")
    definition = definitions().get(base)
    if definition is None or not definition.sourced(evidence):
        told = _reported(asked.name, reported, window)
        if told is not None:
            return told
        lack = Lack.NOT_SUPPORTED if definition is None else Lack.NO_SOURCE
        return Fact(name=asked.name, lack=lack, window=window)
    computed = answer_to(definition, Question(name=asked.name, evidence=evidence, window=window, item=item))
    told = _reported(asked.name, reported, window) if computed.lack else None
    return computed if told is None or told.lack else told


def answer_to(definition: Definition, question: Question) -> Fact:
    """Nobody can tell of the days before there was somebody to tell: the window begins with its sources, and what was
    watched for too few days is no answer."""
    if not definition.sourced(question.evidence):
        return Fact(name=question.name, lack=Lack.NO_SOURCE, window=question.window)
    window = question.window
    began = definition.since(question.evidence) if window is not None else None
    if window is None or began is None or began <= window.begin:
        return definition.answer(question)
    observed = Window(min(began, window.end), window.end)
    days = (window.end - observed.begin) // DAY
    asked = (window.end - window.begin) // DAY
    if days < min(FEWEST_DAYS, asked):
        return Fact(name=question.name, lack=Lack.TOO_FEW, window=observed, observed_days=days, asked_days=asked)
    found = definition.answer(msgspec.structs.replace(question, window=observed))
    return msgspec.structs.replace(found, observed_days=days, asked_days=asked)


def _measurements(evidence: Evidence) -> dict[str, Seen]:
    """The newest measurement of each measure that a connected tool told."""
    return {str(one.content.get("measure")): one for one in evidence.of("measurement.recorded")}


def _reported(name: str, reported: dict[str, Seen], window: Window | None) -> Fact | None:
    seen = reported.get(name)
    if seen is None:
        return None
    resting = rest_on([seen.cited])
    if window is not None and seen.time not in window:
        return Fact(name=name, lack=Lack.STALE, window=window, cited=resting.cited, events=1, sources=resting.sources)
    number, part, whole = (_number(seen.content.get(name)) for name in ("value", "numerator", "denominator"))
    found = Fact(
        name=name,
        window=window,
        cited=resting.cited,
        events=1,
        sources=resting.sources,
        origin=Origin.REPORTED,
        reporter=seen.cited.source,
    )
    if whole is not None:
        part = number if part is None else part
        if whole <= 0 or part is None:
            return msgspec.structs.replace(found, lack=Lack.TOO_FEW)
        return msgspec.structs.replace(found, numerator=part, denominator=whole)
    unit = str(seen.content.get("unit", ""))
    if number is None or (number == 0 and unit in _COUNTED):  # none of how many? a zero needs what was looked through
        return msgspec.structs.replace(found, lack=Lack.TOO_FEW)
    return msgspec.structs.replace(found, value=number, unit=unit)


def _number(said: object) -> float | None:
    """Anybody may send anything: what is no number says nothing."""
    if isinstance(said, bool) or not isinstance(said, int | float) or not isfinite(said):
        return None
    return float(said)
