"""Close collections whose time is over, or when a person says so. The rules:

1. It happens once: whoever writes ``closed`` first writes the event in the same transaction; several servers may try.
2. What the ledger had at that moment counts, in whatever order it came, also what another transaction put there just
   before. ``last`` is its end: what comes after it is late.
3. One that is not over any more, since its pipeline goes on, is left open.
4. What failed, was canceled or expired closes with all that came.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from msgspec import UNSET
from msgspec.structs import replace

from plumbline.access import use_cases
from plumbline.evidence import write_event
from plumbline.evidence.vocabulary import own_gates as events
from plumbline.flow.contracts.now import collection_now, conditions_now
from plumbline.flow.contracts.opening import about
from plumbline.flow.contracts.waived import count_waivers
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.contract import Ending

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from plumbline.access import Actor
    from plumbline.flow.contracts.tools import ContractTools
    from plumbline.model.contract import Collection, Condition, DueContract, Slot
    from plumbline.model.ports.transaction import Transaction

LONGEST_REASON = 1000  # characters
_AT_ONCE = 50  # collections
_SOURCE = "source:"
_log = logging.getLogger(__name__)


def close_due(tools: ContractTools) -> Iterator[None]:
    """Those whose time is over, one at each step. One that cannot be closed holds up no other."""
    passed: set[int] = set()
    while found := [one for one in _due(tools, len(passed)) if one.id not in passed]:
        for one in found:
            try:
                _close_in_time(tools, one)
            except PlumblineError:
                raise
            except Exception:  # noqa: BLE001 - told in full, and tried again at the next turn
                _log.exception("a collection could not be closed", extra={"fields": {"collection": one.uid}})
            passed.add(one.id)
            yield


def _due(tools: ContractTools, more: int) -> Sequence[Collection]:
    with tools.units.store.view() as tx:
        return tx.collections.to_close(tools.units.clock(), _AT_ONCE + more)


def _close_in_time(tools: ContractTools, seen: Collection) -> None:
    conditions = _read_ahead(tools, seen)
    with tools.units.store.change() as tx:
        now, held = tools.units.clock(), tx.collections.get(seen.id)
        if held is None or held.closed or now < (held.closes or held.deadline):
            return
        ending = held.ending if held.ended and held.ending is not None else Ending.EXPIRED
        close_within(tx, tools, held, Closing(ending, now, conditions))


def _read_ahead(tools: ContractTools, seen: Collection) -> Mapping[str, Condition]:
    """What is there already is read, and conditions are asked, before others have to wait."""
    with tools.units.store.view() as tx:
        conditions = conditions_now(tx, tools, seen)
        collection_now(tx, tools, seen, at=tools.units.clock(), conditions=conditions)
    return conditions


def close_collection(actor: Actor, tools: ContractTools, uid: str, reason: str) -> Collection:
    """As a person, before its time. PlumblineError ``not-found``, ``not-allowed``, ``reason-missing``,
    ``collection-closed``."""
    reason = reason.strip()[:LONGEST_REASON]
    with tools.units.view(actor) as unit:
        found = unit.tx.collections.of_uid(uid)
        unit.require(use_cases.CLOSE_COLLECTION, found.project if found else None, _missing(uid).message)
    assert found is not None
    conditions = _read_ahead(tools, found)
    with tools.units.change(actor) as unit:
        unit.refresh()
        held = unit.tx.collections.of_uid(uid)
        unit.require(use_cases.CLOSE_COLLECTION, held.project if held else None, _missing(uid).message)
        assert held is not None
        if not reason:
            raise PlumblineError(
                "reason-missing",
                t("A collection is closed before its time with a reason."),
                t("Say why nothing more is waited for."),
                kind=ErrorKind.REFUSED,
            )
        if held.closed:
            raise PlumblineError("collection-closed", t("This collection is closed already."), kind=ErrorKind.REFUSED)
        return close_within(unit.tx, tools, held, Closing(Ending.BY_PERSON, unit.now, conditions, actor.name, reason))


class Closing(NamedTuple):
    """``person``: who closes it; empty: its time is over."""

    ending: Ending
    at: int
    conditions: Mapping[str, Condition]
    person: str = ""
    reason: str = ""


def close_within(tx: Transaction, tools: ContractTools, held: Collection, how: Closing) -> Collection:
    """Inside a transaction that writes, and in which it was seen to be open."""
    ending, at, conditions, person, reason = how
    seen = collection_now(tx, tools, held, at=at, closing=True, conditions=conditions)
    event = f"{held.uid}:closed"
    closed = replace(
        held,
        subjects=seen.subjects,
        ended=held.ended or at,
        ending=ending,
        closes=held.closes or at,
        closed=at,
        closed_by=person,
        reason=reason,
        last=seen.upto,
        slots=seen.slots,
        conditions=seen.conditions,
        event=event,
    )
    if not tx.collections.put(closed, expected_closed=0):
        raise RuntimeError(f"collection {held.uid} was closed inside a transaction")
    count_waivers(tx, closed)
    content = events.CollectionClosed(
        occasion=closed.occasion.value,
        contract=closed.due.digest,
        ending=ending.value,
        slots=tuple(_slot(closed.due, one) for one in seen.slots),
        person=person or UNSET,
        reason=reason or UNSET,
        **about(closed.subjects),
    )
    source = tools.units.source
    tx.record(write_event(content, id=event, source=source, subject=held.uid, time=at, project=held.path))
    return closed


def _slot(due: DueContract, slot: Slot) -> events.ClosedSlot:
    wanted = next((one.need.made_by for one in due.needs if one.need.id == slot.need), ())
    sources = tuple(one.removeprefix(_SOURCE) for one in wanted if one.startswith(_SOURCE))
    return events.ClosedSlot(
        id=slot.id,
        state=slot.state.value,  # type: ignore[arg-type]
        contract=slot.contract,
        evidence=slot.evidence or UNSET,
        word=slot.word or UNSET,
        sources=sources or UNSET,
    )


def _missing(uid: str) -> PlumblineError:
    return not_found(t("There is no collection {uid}.", uid=uid[:80]))
