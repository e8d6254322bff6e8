"""Verify the ledger because somebody asks, say how far that is, and how it was found the last time."""

from __future__ import annotations

from threading import Lock, Thread
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.access import use_cases
from plumbline.flow.ledger.verify_onwards import Verification, keep_verification, last_verification, look_onwards
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.ledger.tools import LedgerTools

_KEY = "ledger/verifying"  # setting
_GONE = 60_000_000  # microseconds without a word, after which whoever verified is taken for gone
_SPOKEN = 1_000_000  # from one word of how far it is to the next

_one_at_a_time = Lock()


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A verification that is under way. Times are microseconds since the epoch."""

    by: str  # name of the person who asked
    began: int
    told: int  # when it said how far it is
    done: int  # number of the entry that it reached
    size: int  # of the ledger


class Verified(NamedTuple):
    """``asked``: the last one that a person asked for; the server itself looks at what is new more often."""

    verification: Verification
    size: int  # of the ledger now
    asked: Verification
    running: Running | None = None


def view_verification(actor: Actor, tools: LedgerTools) -> Verified:
    ledger = tools.opened(actor, use_cases.VERIFY_LEDGER)
    store = tools.units.store
    return Verified(last_verification(store), ledger.size(), last_verification(store, asked=True), _running(tools))


def verify_now(actor: Actor, tools: LedgerTools, *, whole: bool) -> Verified:
    """What is new since the last time, or everything with ``whole``. Raises PlumblineError ``verification-running``."""
    tools.opened(actor, use_cases.VERIFY_LEDGER)
    _begin(tools)
    return _verify(actor, tools, whole=whole)


def begin_verification(actor: Actor, tools: LedgerTools, *, whole: bool) -> None:
    """As :func:`verify_now`, without waiting for it. Raises as that does."""
    tools.opened(actor, use_cases.VERIFY_LEDGER)
    _begin(tools)
    try:
        _tell(tools, actor.name, tools.units.clock(), 0)
        Thread(target=_verify, args=(actor, tools), kwargs={"whole": whole}, name="verification", daemon=True).start()
    except BaseException:
        _one_at_a_time.release()
        raise


def _begin(tools: LedgerTools) -> None:
    if _running(tools) is None and _one_at_a_time.acquire(blocking=False):
        return
    message = t("The ledger is being verified at the moment.")
    raise PlumblineError("verification-running", message, kind=ErrorKind.REFUSED)


def _verify(actor: Actor, tools: LedgerTools, *, whole: bool) -> Verified:
    """Whoever calls it holds the lock."""
    units, ledger = tools.units, tools.ledger
    began = spoken = units.clock()

    def passed(done: int) -> None:
        nonlocal spoken
        if units.clock() - spoken >= _SPOKEN:
            spoken = units.clock()
            _tell(tools, actor.name, began, done)

    try:
        found = look_onwards(units.store, ledger, tools.keys(), began, whole=whole, passed=passed)
        found = msgspec.structs.replace(found, by=actor.name)
        with units.change(actor) as unit:
            unit.refresh()
            unit.require(use_cases.VERIFY_LEDGER)
            keep_verification(unit.tx, found)
    finally:
        _one_at_a_time.release()
        with units.store.change() as tx:
            tx.settings.put(_KEY, b"")
    return Verified(found, ledger.size(), found)


def _tell(tools: LedgerTools, by: str, began: int, done: int) -> None:
    running = Running(by=by, began=began, told=tools.units.clock(), done=done, size=tools.ledger.size())
    with tools.units.store.change() as tx:
        tx.settings.put(_KEY, msgspec.json.encode(running))


def _running(tools: LedgerTools) -> Running | None:
    """By this server, or by another one of the same store."""
    with tools.units.store.view() as tx:
        found = tx.settings.get(_KEY)
    running = msgspec.json.decode(found, type=ready(Running)) if found else None
    return running if running is not None and abs(tools.units.clock() - running.told) < _GONE else None
