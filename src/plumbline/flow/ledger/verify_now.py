"""Verify the ledger because somebody asks, and say how it was found the last time."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.ledger.verify_onwards import Verification, keep_verification, last_verification, look_onwards
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.ledger.tools import LedgerTools

_one_at_a_time = Lock()


class Verified(NamedTuple):
    verification: Verification
    size: int  # of the ledger now


def view_verification(actor: Actor, tools: LedgerTools) -> Verified:
    ledger = tools.opened(actor, use_cases.VERIFY_LEDGER)
    return Verified(last_verification(tools.units.store), ledger.size())


def verify_now(actor: Actor, tools: LedgerTools, *, whole: bool) -> Verified:
    """What is new since the last time, or everything with ``whole``. Raises PlumblineError ``verification-running``."""
    ledger = tools.opened(actor, use_cases.VERIFY_LEDGER)
    if not _one_at_a_time.acquire(blocking=False):
        message = t("The ledger is being verified at the moment.")
        raise PlumblineError("verification-running", message, kind=ErrorKind.REFUSED)
    try:
        found = look_onwards(tools.units.store, ledger, tools.keys(), tools.units.clock(), whole=whole)
        with tools.units.change(actor) as unit:
            unit.refresh()
            unit.require(use_cases.VERIFY_LEDGER)
            keep_verification(unit.tx, found)
    finally:
        _one_at_a_time.release()
    return Verified(found, ledger.size())
