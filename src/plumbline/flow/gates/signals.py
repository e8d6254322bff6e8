"""Facts of the grade, for policies that ask them: the same records, the same definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts import Asked, answer
from plumbline.model.gate import FactValue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.gates.tools import GateTools
    from plumbline.judging import Signal


def signals_of(tools: GateTools, project: int, signals: Sequence[Signal]) -> dict[str, FactValue]:
    """By the key of each signal. Outside every transaction that writes: the whole record of the project is read."""
    with tools.units.store.view() as tx:
        node = tx.tree.get(project)
    if node is None:
        return {}
    asked = {one.key: Asked(one.fact, one.at.window_days if one.at is not None else None) for one in signals}
    found = answer(asked.values(), tools.evidence(node.path))
    return {key: FactValue(measured=found[one.key]) for key, one in asked.items()}
