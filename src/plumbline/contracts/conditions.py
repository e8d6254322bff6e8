"""Conditions of contracts: which facts they ask, and how each one was answered."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from plumbline import gates
from plumbline.judging.expressions import Expression, Fault, ValueType, compiled
from plumbline.model.contract import Condition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.judging.expressions import Value
    from plumbline.model.contract import DueContract

_OF_CONTRACTS = "contract."  # facts about what contracts came to; a condition of one would wait for itself


@cache
def fact_types() -> Mapping[str, ValueType]:
    """The documented facts that a condition may name: those of gates, but for what contracts themselves came to."""
    every = gates.fact_types()
    return MappingProxyType({name: type_ for name, type_ in every.items() if not name.startswith(_OF_CONTRACTS)})


@cache
def _compiled(when: str, types: tuple[tuple[str, ValueType], ...]) -> Expression | Fault:
    return compiled(when, dict(types))


def expression(when: str, types: Mapping[str, ValueType] | None = None) -> Expression | Fault:
    """A condition ready to be asked, or what is wrong with it."""
    return _compiled(when, tuple(sorted((fact_types() if types is None else types).items())))


def conditions_of(due: DueContract, types: Mapping[str, ValueType] | None = None) -> tuple[str, ...]:
    """Names of the facts that the conditions of what is due ask for."""
    found: dict[str, None] = {}
    for when in _whens(due):
        one = expression(when, types)
        if isinstance(one, Expression):
            found.update(dict.fromkeys(one.names))
    return tuple(sorted(found))


def asked(
    due: DueContract, facts: Mapping[str, Value], types: Mapping[str, ValueType] | None = None
) -> dict[str, Condition]:
    """Every condition by its text, with its result and what it was asked of. ``facts``: those that are known."""
    found = {}
    for when in _whens(due):
        one = expression(when, types)
        if isinstance(one, Fault):
            found[when] = Condition(when=when, result=None, problem=f"{one.line}:{one.column}: {one.message}")
            continue
        answer = one.ask(facts)
        used: dict[str, object] = {name: facts[name] for name in one.names if name in facts}
        found[when] = Condition(when=when, result=answer.holds, facts=used, problem=answer.why)
    return found


def _whens(due: DueContract) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.when for line in due.needs for one in line.unless))
