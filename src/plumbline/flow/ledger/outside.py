"""Take checkpoints outside by the clock, each place in its own time, and tell the ledger what came of it.

A checkpoint is made only where the ledger grew. What the ledger is told of deliveries and cosignatures does not count
as growth: else each delivery would ask for the next one, and two servers that witness each other would never rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from plumbline.evidence import newest_checkpoint
from plumbline.evidence.vocabulary import own_operations
from plumbline.flow.event_writer import EventWriter
from plumbline.flow.ledger.checkpoints import Head, check_unchanged
from plumbline.flow.ledger.growth import grew
from plumbline.flow.ledger.tell_checkpoint import checkpoint_and_tell
from plumbline.flow.ledger.verify_onwards import hold_onwards
from plumbline.kernel import PlumblineError, t
from plumbline.model.coding import plain, revived
from plumbline.model.outside import DeliveryState, OutsidePlace
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from plumbline.evidence import SigningKey, VerifyingKey
    from plumbline.evidence.cosignature import WitnessKey
    from plumbline.model.event import Checkpoint
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.transaction import Store

LEAST_WAIT, MOST_WAIT = 60_000_000, 6 * 3600 * 1_000_000  # microseconds from a failure to the next attempt
_AHEAD = 300_000_000  # a time so far in the future was not written by the clock as it is now
_STATE = "checkpoint-delivery/"  # setting


class Courier(Protocol):
    """Takes checkpoints to one place. The same one twice is there once, as far as the place allows."""

    @property
    def place(self) -> OutsidePlace: ...

    def deliver(self, checkpoint: Checkpoint, ledger: Ledger) -> Checkpoint:
        """There for good when it returns: the checkpoint, with what the place added to its note. Raises PlumblineError
        with what is wrong and how to mend it."""
        ...


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """Where checkpoints go, how often, whose word of them counts, and whose checkpoints are cosigned here."""

    every: int = 3600  # seconds
    couriers: tuple[Courier, ...] = ()
    witnesses: tuple[WitnessKey, ...] = ()
    witnessed: tuple[VerifyingKey, ...] = ()


@dataclass(frozen=True, slots=True)
class OutsideTools:
    """Built by ``wiring`` alone. ``outside`` is as it is set up now; PlumblineError where that cannot be read."""

    store: Store
    ledger: Ledger
    key: Callable[[], SigningKey]
    outside: Callable[[], Outside]
    writer: Callable[[], EventWriter]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one delivery."""

    place: OutsidePlace
    size: int
    error: PlumblineError | None = None


def states(store: Store, places: Sequence[OutsidePlace]) -> list[DeliveryState]:
    with store.view() as tx:
        found = [tx.settings.get(_key(place)) for place in places]
    return [
        msgspec.json.decode(one, type=ready(DeliveryState), dec_hook=revived) if one else DeliveryState()
        for one in found
    ]


def deliver(tools: OutsideTools, *, now: bool = False) -> list[Attempt]:
    """Everywhere it is due; with ``now`` everywhere where the newest checkpoint is not yet. Raises PlumblineError as
    signing does, and where what is set up cannot be read; a place that cannot be reached is an attempt with its error.
    """
    outside = tools.outside()
    if not outside.couriers or not tools.ledger.size():
        return []
    moment = tools.writer().now
    known = states(tools.store, [courier.place for courier in outside.couriers])
    least = min(state.size for state in known)
    due = [
        (courier, state)
        for courier, state in zip(outside.couriers, known, strict=True)
        if now or state.due <= moment or state.tried > moment + _AHEAD
    ]
    if not due or not grew(tools.ledger, least):
        return []
    checkpoint = _signed(tools, moment)
    attempts = []
    for courier, state in due:
        if state.size and state.size < checkpoint.size and not grew(tools.ledger, state.size):
            continue
        if (state.size, state.root) == (checkpoint.size, checkpoint.root):
            continue
        attempt, checkpoint = _deliver(tools, outside, courier, state, checkpoint)
        attempts.append(attempt)
    return attempts


def _signed(tools: OutsideTools, moment: int) -> Checkpoint:
    """The newest checkpoint, or a new one where that does not cover what counts."""
    key = tools.key()
    last = newest_checkpoint(tools.ledger.checkpoints(), key.name)
    if last is not None and not grew(tools.ledger, last.size):
        hold_onwards(tools.store, tools.ledger, key, moment)
        check_unchanged(tools.ledger, last, key.verifier)
        return last
    found = hold_onwards(tools.store, tools.ledger, key, moment)
    head = Head(found.size, found.chain, found.root)
    checkpoint = checkpoint_and_tell(tools.ledger, key, tools.writer().source, moment, head)
    assert checkpoint is not None, "it grew"
    return checkpoint


def _deliver(
    tools: OutsideTools, outside: Outside, courier: Courier, state: DeliveryState, checkpoint: Checkpoint
) -> tuple[Attempt, Checkpoint]:
    """Nothing is open while it is under way; what came of it is kept with its event."""
    error = None
    try:
        given = courier.deliver(checkpoint, tools.ledger)
        if given.note != checkpoint.note:
            tools.ledger.add_checkpoint(given)
        checkpoint = given
    except PlumblineError as refused:
        error = refused
    writer = tools.writer()
    new = _after(state, outside, checkpoint, writer.now, error)
    place = courier.place
    content = own_operations.CheckpointDelivered(
        size=checkpoint.size,
        root=f"sha256:{checkpoint.root.hex()}",
        kind=place.kind.value,
        target=place.name,
        outcome="failure" if error else "success",
        attempt=state.failures + 1,
        reason=f"{error.code}: {error.message}"[:500] if error else UNSET,
    )
    with tools.store.change() as tx:
        tx.settings.put(_key(place), msgspec.json.encode(new, enc_hook=plain))
        writer.record(tx, checkpoint.origin, content)
    return Attempt(place, checkpoint.size, error), checkpoint


def _after(
    state: DeliveryState, outside: Outside, checkpoint: Checkpoint, now: int, error: PlumblineError | None
) -> DeliveryState:
    if error is None:
        due = now + outside.every * 1_000_000
        return DeliveryState(size=checkpoint.size, root=checkpoint.root, at=now, tried=now, due=due)
    wait = min(MOST_WAIT, LEAST_WAIT << min(state.failures, 20))
    failures = state.failures + 1
    return replace(state, failures=failures, tried=now, due=now + wait, code=error.code, message=error.message)


def _key(place: OutsidePlace) -> str:
    return _STATE + sha256(f"{place.kind}\n{place.name}".encode()).hexdigest()[:24]


def nothing_outside() -> PlumblineError:
    return PlumblineError(
        "nothing-outside",
        t("No place outside is set up that checkpoints could be taken to."),
        t("Name one in the file checkpoints.toml of the data folder; docs/operations.md says how."),
    )
