"""Facts that policies and conditions may name: adding a family is adding a file."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from plumbline.kernel import shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.gates.facts._fact import GateFact
    from plumbline.judging.expressions import ValueType


@cache
def documented() -> Mapping[str, GateFact]:
    """By name, family by family. A name that two parts document is a bug and raises."""
    found: dict[str, GateFact] = {}
    for part in shelf(__name__).values():
        for fact in part:
            if fact.name in found:
                raise ValueError(f"{fact.name} is documented twice")
            found[fact.name] = fact
    return found


@cache
def fact_types() -> Mapping[str, ValueType]:
    return {name: fact.type for name, fact in documented().items()}
