"""What would fill a slot, what came for it and why that does not count, and until when it may still come.

Raises PlumblineError ``not-found`` or ``not-allowed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.contracts import kinds, slots
from plumbline.flow.contracts.now import collection_now
from plumbline.flow.contracts.status import collection_for
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import t
from plumbline.model.contract import Collection, Condition, DueNeed, Evidence, Slot, SlotState

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.contracts.now import Now
    from plumbline.flow.contracts.tools import ContractTools


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of evidence of a kind that would fill the slot. ``alone``: what the slot would be by this piece alone;
    ``late``: it came after the collection was closed."""

    piece: Evidence
    alone: Slot | None
    late: bool = False


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """``need`` None: its contract cannot be read, and nobody knows what would fill it. ``until``: microseconds since
    the epoch; 0: it is closed. ``told_by``: kinds of event that tell such evidence."""

    collection: Collection
    slot: Slot
    need: DueNeed | None
    until: int
    came: tuple[Came, ...] = ()
    conditions: tuple[Condition, ...] = ()
    told_by: tuple[str, ...] = ()


def explain_slot(actor: Actor, tools: ContractTools, uid: str, slot: str) -> Explained:
    """``slot``: its id, or the id of its line where it has but one slot."""
    with tools.units.view(actor) as unit:
        held = collection_for(unit, uid)
        seen = collection_now(unit.tx, tools, held, at=unit.now)
        every = (
            seen
            if not held.closed
            else seen._replace(evidence=tools.gathered.of(unit.tx, tools.moves(), held.path, held.first).evidence)
        )
    found = [one for one in seen.slots if slot in (one.id, one.need)]
    exact = [one for one in found if one.id == slot] or found
    if len(exact) != 1:
        names = ", ".join(one.id for one in (found or seen.slots))
        raise not_found(
            t("There is no slot {slot} in this collection; there are: {names}.", slot=slot[:100], names=names)
        )
    [one] = exact
    need = next((each for each in held.due.needs if each.need.id == one.need), None)
    until = 0 if held.closed else held.closes or held.deadline
    if need is None:
        return Explained(collection=held, slot=one, need=None, until=until)
    wanted = {each.when for each in need.unless}
    return Explained(
        collection=held,
        slot=one,
        need=need,
        until=until,
        came=_came(held, need, one, every),
        conditions=tuple(each for each in seen.conditions if each.when in wanted),
        told_by=tuple(sorted({name for kind in need.need.kinds if kind in kinds() for name in kinds()[kind].told_by})),
    )


def _came(held: Collection, need: DueNeed, slot: Slot, seen: Now) -> tuple[Came, ...]:
    """Without what has nothing to do with the slot: other commits, other layers of tests."""
    pieces = [one for one in seen.evidence if one.kind in need.need.kinds]
    looked = [(one, alone(held, need, slot, seen, one)) for one in pieces]
    return tuple(
        Came(piece=one, alone=came_to, late=bool(held.closed) and one.seq > held.last)
        for one, came_to in looked
        if came_to is None or came_to.state is not SlotState.MISSING or came_to.why
    )


def alone(held: Collection, need: DueNeed, slot: Slot, seen: Now, piece: Evidence) -> Slot | None:
    """What the slot would be by one piece, with no waiver and no condition in its way."""
    due = msgspec.structs.replace(held.due, needs=(msgspec.structs.replace(need, unless=()),))
    until = held.closed or held.closes or held.deadline
    found = slots(
        due,
        seen.subjects,
        [piece],
        closed=True,
        at=max(until, piece.received),
        deadline=until,
        conditions={},
        waived={},
    )
    return next((one for one in found if one.id == slot.id), None)
