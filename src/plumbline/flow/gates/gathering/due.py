"""What was due: ``contract.*``. While the collection is open, it is complete as soon as no slot is left open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.gates.gathering._ground import NOTHING, Ground, known, names
from plumbline.model.contract import SlotState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.model.gate import FactValue

_S = SlotState
REFUSED = frozenset({_S.WRONG_SUBJECT, _S.UNREADABLE, _S.REFUSED_ORIGIN})
SETTLED = frozenset({_S.FILLED, _S.WAIVED, _S.NOT_APPLICABLE})
_COUNTS = {
    "filled": frozenset({_S.FILLED}),
    "late": frozenset({_S.FILLED_LATE}),
    "open": frozenset({_S.OPEN}),
    "missing": frozenset({_S.MISSING}),
    "refused": REFUSED,
    "waived": frozenset({_S.WAIVED}),
    "not_applicable": frozenset({_S.NOT_APPLICABLE}),
}


def gather_contract(ground: Ground) -> Mapping[str, FactValue]:
    """No collection: no contract holds, and that is no data."""
    if ground.collection is None:
        every = ("due", *_COUNTS, "complete", "missing_ids")
        return {f"contract.{name}": NOTHING for name in every}
    slots = ground.slots
    events = [ground.collection.event] if ground.collection.event else []
    events += [event for one in slots for event in one.evidence[:1]]
    states = [one.state for one in slots]
    found = {"contract.due": known(len(slots), events)}
    for name, wanted in _COUNTS.items():
        found[f"contract.{name}"] = known(sum(one in wanted for one in states), events)
    found["contract.missing_ids"] = names([one.id for one in slots if one.state not in SETTLED], events)
    complete = all(one in SETTLED for one in states) and _S.FILLED in states
    found["contract.complete"] = known(complete, events)
    return found
