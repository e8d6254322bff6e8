"""What the clock does with waivers: announce that one ends soon, note that one ended, or that one of its two persons is
here no longer. Each once, however many servers do this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from plumbline.evidence import timestamp
from plumbline.evidence.vocabulary import own_gates as events
from plumbline.flow.contracts.waived import active_names
from plumbline.gates import announcements, waiver_state
from plumbline.model.gate import WaiverState

if TYPE_CHECKING:
    from plumbline.flow.event_writer import EventWriter
    from plumbline.flow.gates.tools import GateTools
    from plumbline.model.gate import Waiver
    from plumbline.model.ports.transaction import Transaction

MOST = 10_000  # waivers in force that are looked at in one turn, those that end first before others
_EVER = 2**62


def turn_waivers(tools: GateTools) -> int:
    """How many were announced or ended."""
    with tools.units.store.view() as tx:
        held = [one for one in tx.waivers.ending(_EVER, MOST) if _due(tx, one, tools.units.clock())]
    done = 0
    for one in held:
        with tools.units.store.change() as tx:
            done += _turn(tx, tools.units.writer(), one.id)
    return done


def _due(tx: Transaction, waiver: Waiver, now: int) -> bool:
    return bool(announcements(waiver, now)) or _over(tx, waiver, now) is not None


def _over(tx: Transaction, waiver: Waiver, now: int) -> Literal["expired", "person_left"] | None:
    state = waiver_state(waiver, now, active_names(tx, [waiver]))
    if waiver.ended or state not in (WaiverState.EXPIRED, WaiverState.VOID):
        return None
    return "expired" if state is WaiverState.EXPIRED else "person_left"


def _turn(tx: Transaction, writer: EventWriter, number: int) -> int:
    waiver = tx.waivers.get(number)
    if waiver is None:
        return 0
    why = _over(tx, waiver, writer.now)
    if why is not None:
        if not tx.waivers.put(msgspec.structs.replace(waiver, ended=writer.now, ended_by=""), waiver):
            return 0
        content = events.WaiverEnded(rule_set=waiver.rule_set, line=waiver.line, why=why)
        writer.record(tx, waiver.uid, content, waiver.path)
        return 1
    days = announcements(waiver, writer.now)
    if not days:
        return 0
    if not tx.waivers.put(msgspec.structs.replace(waiver, announced=(*waiver.announced, *days)), waiver):
        return 0
    said = events.WaiverAnnounced(
        rule_set=waiver.rule_set, line=waiver.line, days=days[0], until=timestamp(waiver.ends)
    )
    writer.record(tx, waiver.uid, said, waiver.path)
    return 1
