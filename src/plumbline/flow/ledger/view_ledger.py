"""The ledger as a whole: where it ends, what was signed of it, and whether its end holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.evidence import Fault, Outcome, Report, root_at, verify
from plumbline.evidence.cosignature import Cosignature, cosignatures
from plumbline.flow.ledger.checkpoints import Head, start_after
from plumbline.flow.ledger.outside import Outside, states
from plumbline.flow.ledger.verify_onwards import last_verification
from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.evidence.cosignature import WitnessKey
    from plumbline.flow.ledger.tools import LedgerTools
    from plumbline.model.event import Checkpoint
    from plumbline.model.outside import DeliveryState, OutsidePlace
    from plumbline.model.ports.ledger import Ledger

_VERIFIED = 200  # entries at the end that are computed again whenever somebody looks


class LedgerState(NamedTuple):
    """What the ledger is now, and what the last look at its end said."""

    size: int
    checkpoint: Checkpoint | None
    verified: int  # entries that were recomputed from the end
    broken: bool
    fault: int = 0  # the first sequence number that does not hold; 0: none, or not known
    held: int = 0  # entries from the first on that the last verification went through
    looked: int = 0  # when that was; 0: never


def view_head(actor: Actor, tools: LedgerTools) -> Head:
    """Where the ledger ends. Raises PlumblineError ``ledger-broken`` where no root can be computed."""
    ledger = tools.opened(actor, use_cases.VIEW_LEDGER)
    size, chain = ledger.head()
    return Head(size, chain, root_at(size, ledger.node))


def view_checkpoint(actor: Actor, tools: LedgerTools) -> Checkpoint | None:
    """The newest one."""
    return _newest(tools.opened(actor, use_cases.VIEW_LEDGER))


def view_state(actor: Actor, tools: LedgerTools) -> LedgerState:
    """Also of a ledger that does not hold."""
    ledger = tools.opened(actor, use_cases.VIEW_LEDGER)
    report, kept = verify_newest(ledger, _VERIFIED), last_verification(tools.units.store)
    return LedgerState(
        size=ledger.size(),
        checkpoint=_newest(ledger),
        verified=report.last - report.first + 1 if report.first else 0,
        broken=Outcome.BROKEN in (report.outcome, kept.outcome),
        fault=(report.fault.seq if report.fault else 0) or kept.fault,
        held=kept.size,
        looked=kept.at,
    )


class PlaceState(NamedTuple):
    place: OutsidePlace
    state: DeliveryState


class SignedSize(NamedTuple):
    """A checkpoint, and who cosigned it as far as their keys are known here."""

    checkpoint: Checkpoint
    by: tuple[Cosignature, ...]


class OutsideState(NamedTuple):
    """Where checkpoints are taken (None: the actor sees the ledger of some nodes alone), and the newest ones with their
    cosignatures, the newest first. ``error``: what is set up cannot be read."""

    places: list[PlaceState] | None
    checkpoints: list[SignedSize]
    error: PlumblineError | None = None


def view_outside(actor: Actor, tools: LedgerTools, limit: int) -> OutsideState:
    seen, ledger = tools.seen(actor, use_cases.VIEW_LEDGER), tools.ledger
    try:
        outside, error = tools.outside(), None
    except PlumblineError as wrong:
        outside, error = Outside(), wrong
    places = [courier.place for courier in outside.couriers]
    told = zip(places, states(tools.units.store, places), strict=True)
    known = [PlaceState(*pair) for pair in told] if seen.whole else None
    newest = {(made.origin, made.size): made for made in ledger.checkpoints()}  # the last one has the most signatures
    shown = list(newest.values())[: -limit - 1 : -1]
    signed = [SignedSize(made, _cosigned(made, outside.witnesses)) for made in shown]
    return OutsideState(known, signed, error if seen.whole else None)


def _cosigned(made: Checkpoint, witnesses: Sequence[WitnessKey]) -> tuple[Cosignature, ...]:
    """None where somebody wrote a wrong one into the database: verification tells of that."""
    try:
        return tuple(cosignatures(made.note, witnesses))
    except PlumblineError:
        return ()


def verify_newest(ledger: Ledger, count: int) -> Report:
    """So many entries at the end, from where those before them leave the chain and the tree."""
    size = ledger.size()
    before = max(0, size - count)
    try:
        start = start_after(ledger, before)
    except PlumblineError as error:
        return Report(outcome=Outcome.BROKEN, fault=Fault(0, "filed", error.message))
    return verify(ledger.read(before + 1, size - before), [], [], start=start)


def _newest(ledger: Ledger) -> Checkpoint | None:
    made = ledger.checkpoints()
    return made[-1] if made else None
