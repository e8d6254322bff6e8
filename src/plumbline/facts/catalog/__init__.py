"""The facts that can be computed. To add some, add one file with its ``PART``, a tuple of definitions."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from plumbline.kernel import shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.facts.definition import Definition


@cache
def definitions() -> Mapping[str, Definition]:
    """By the name of the fact. A name that two parts define is a bug and raises."""
    found: dict[str, Definition] = {}
    for part in shelf(__name__).values():
        for definition in part:
            if definition.name in found:
                raise ValueError(f"{definition.name} is defined twice")
            found[definition.name] = definition
    return found
