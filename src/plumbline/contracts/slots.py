"""What a contract came to: a fold over what was told. Order and repetition of what came do not matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.model.contract import SlotState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plumbline.model.contract import Condition, DueContract, Evidence, Slot, Subjects


def slots(
    due: DueContract,
    subjects: Subjects,
    evidence: Iterable[Evidence],
    *,
    closed: bool,
    at: int,
    deadline: int,
    conditions: Mapping[str, Condition],
    waived: Mapping[str, str],
) -> tuple[Slot, ...]:
    """Every slot in exactly one state.

    ``at``: the moment that is looked at; where it is ``closed``, when it was. ``deadline``: what came after it is late.
    ``conditions`` by their text. ``waived``: by the id of a slot, or of a need for all its slots: the waiver's id.
    """
    raise NotImplementedError


def summary(found: Iterable[Slot]) -> dict[SlotState, int]:
    """How many slots are in each state, every state named; the sum is the number of slots."""
    counts = dict.fromkeys(SlotState, 0)
    for one in found:
        counts[one.state] += 1
    return counts


_DONE = frozenset({SlotState.FILLED, SlotState.NOT_APPLICABLE, SlotState.WAIVED})


def complete(found: Iterable[Slot]) -> bool:
    """Whether each slot is filled on time, not applicable or waived. Where none is due, nothing is complete."""
    states = [one.state for one in found]
    return bool(states) and all(state in _DONE for state in states)
