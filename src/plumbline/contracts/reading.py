"""The text of a contract in, a checked contract or everything that is wrong with it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.judging.expressions import ValueType
    from plumbline.model.contract import Contract
    from plumbline.model.problem import Problem

REPOSITORY_FILE = ".plumbline/contract.yml"


def read_contract(
    text: str, name: str = "", *, facts: Mapping[str, ValueType] | None = None
) -> Contract | tuple[Problem, ...]:
    """``name`` of the file, for places. ``facts``: those that conditions may name; those of gates."""
    raise NotImplementedError
