"""Facts as somebody writes them down to try a policy: names and values, in YAML or JSON, dotted or nested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.gates.facts import fact_types
from plumbline.judging.expressions import fits
from plumbline.judging.rule_text import RuleText
from plumbline.kernel import t
from plumbline.model.fact import Lack
from plumbline.model.gate import FactValue
from plumbline.model.ready import ready
from plumbline.pipeline.source.syntax import Map, Seq

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.model.problem import Mark, Problem

_OWN = frozenset({"value", "lack", "events", "measured"})


def read_facts(text: str, name: str = "", signals: tuple[str, ...] = ()) -> dict[str, FactValue] | tuple[Problem, ...]:
    """``signals``: what else may be told of: facts of the grade with their window, as ``builds-passed/90``. A fact
    whose value is empty is not known."""
    reader = RuleText(name or "facts.yml")
    found = reader.root(text)
    facts: dict[str, FactValue] = {}
    for fact, value, where in _flat(found, "") if found is not None else ():
        if fact not in fact_types() and fact not in signals:
            reader.unknown("unknown-fact", t("There is no fact '{fact}'.", fact=fact), where, fact,
                           (*fact_types(), *signals))  # fmt: skip
        elif (known := _known(reader, fact, value, where)) is not None:
            facts[fact] = known
    return tuple(reader.problems) or facts


def _flat(found: Map, before: str) -> Iterator[tuple[str, Any, Mark]]:
    for key, value in found.items():
        fact = f"{before}{key}"
        if isinstance(value, Map) and not (value.keys() <= _OWN and value):
            yield from _flat(value, f"{fact}.")
        else:
            yield fact, value, found.marks[key]


def _known(reader: RuleText, fact: str, value: Any, where: Mark) -> FactValue | None:
    if value is None:
        return FactValue(lack=Lack.NO_SOURCE.value)
    if isinstance(value, Map):
        try:
            told = msgspec.convert(value, ready(FactValue), strict=True)
        except msgspec.ValidationError as error:
            reader.wrong("wrong-fact", t("The fact cannot be read: {reason}.", reason=error), where)
            return None
    else:
        told = FactValue(value=tuple(value) if isinstance(value, Seq) else value)
    kind = fact_types().get(fact)
    if kind is None and told.value is not None:
        message = t("The fact '{fact}' is one of the grade, and is told as it was measured.", fact=fact)
        name = fact.partition("/")[0]
        form = f"'{fact}': {{measured: {{name: {name}, numerator: 1, denominator: 40, events: 40}}}}"
        reader.wrong("wrong-fact", message, where, t("Write: {form}", form=form))
        return None
    if kind is not None and told.value is not None and not fits(told.value, kind):
        message = t("The fact '{fact}' is of the type {kind}, and this is not.", fact=fact, kind=kind.value)
        reader.wrong("wrong-fact", message, where)
        return None
    return told
