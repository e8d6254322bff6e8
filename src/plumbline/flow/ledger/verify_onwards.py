"""Verify the ledger as it grows, and remember how far it was verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.evidence import Fault, Outcome, Report, Start, frontier_at, root_at, verify
from plumbline.flow.ledger.checkpoints import Head, make_checkpoint
from plumbline.flow.ledger.index_check import FilingCheck
from plumbline.flow.ledger.key_rotation import known_keys
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.coding import plain, revived
from plumbline.model.event import NO_CHAIN
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from plumbline.evidence import SigningKey, VerifyingKey
    from plumbline.model.event import Checkpoint, Entry
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.transaction import Store, Transaction

_KEY = "ledger/verification"  # setting
_ASKED = "ledger/verification-asked"  # setting
_TOLD = 5000  # entries from one word of how far it is to the next


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """How the ledger stood when it was looked at last. Times are microseconds since the epoch; 0: never."""

    outcome: Outcome = Outcome.NOTHING
    at: int = 0
    whole: int = 0  # when it was last gone through from the first entry on, and held
    size: int = 0  # entries that were as they should be, from the first on
    chain: bytes = NO_CHAIN  # of the last of them, as it was computed
    root: bytes = b""  # over all of them
    new: int = 0  # entries that the last look went through
    signed: int = 0  # entries that a checkpoint vouches for, signed with the key of this server
    fault: int = 0  # number of the first entry that is not as it should be; 0: none, or not in one entry
    code: str = ""
    message: Text | None = None
    by: str = ""  # name of the person who asked for it; empty: the server itself looked


def last_verification(store: Store, *, asked: bool = False) -> Verification:
    """``asked``: the last one that a person asked for."""
    with store.view() as tx:
        found = tx.settings.get(_ASKED if asked else _KEY)
    return msgspec.json.decode(found, type=ready(Verification), dec_hook=revived) if found else Verification()


def verify_onwards(
    store: Store, ledger: Ledger, keys: Sequence[VerifyingKey], now: int, *, whole: bool = False
) -> Verification:
    """Verify the ledger as :func:`look_onwards` does, and remember what was found."""
    found = look_onwards(store, ledger, keys, now, whole=whole)
    with store.change() as tx:
        keep_verification(tx, found)
    return found


def keep_verification(tx: Transaction, found: Verification) -> None:
    tx.settings.put(_KEY, msgspec.json.encode(found, enc_hook=plain))
    if found.by:
        tx.settings.put(_ASKED, msgspec.json.encode(found, enc_hook=plain))


def look_onwards(
    store: Store,
    ledger: Ledger,
    keys: Sequence[VerifyingKey],
    now: int,
    *,
    whole: bool = False,
    passed: Callable[[int], None] = lambda _: None,
) -> Verification:
    """Verify what is new since the last time; everything with ``whole``, the first time, and while something is wrong.

    What held before is held against the chain and the root that were computed then. ``passed`` is told the number of
    the entry that was reached, now and then.
    """
    keys = known_keys(ledger, keys)
    before = last_verification(store)
    moved = _moved(ledger, before)
    onwards = not whole and not moved and before.outcome is Outcome.INTACT
    start = _start(ledger, before) if onwards else Start()
    marks = _checkpoints(ledger, keys, start.size)
    filing = FilingCheck(ledger, start.size)
    new = ledger.read(start.size + 1, ledger.size() - start.size)
    report = filing.judged(verify(_telling(filing.watch(new), passed), marks, keys, start=start))
    found = _found(before, report, report.fault or moved)
    looked: dict[str, Any] = {"at": now, "new": max(0, report.last - start.size), "by": ""}
    if found.outcome is Outcome.INTACT and not start.size:
        looked["whole"] = now
    return msgspec.structs.replace(found, **looked)


def _telling(entries: Iterator[Entry], passed: Callable[[int], None]) -> Iterator[Entry]:
    for entry in entries:
        if not entry.seq % _TOLD:
            passed(entry.seq)
        yield entry


def sign_onwards(store: Store, ledger: Ledger, key: SigningKey, now: int) -> Checkpoint:
    """Verify what is new since the last time, and sign what held; the newest checkpoint where nothing was added since.

    Raises PlumblineError ``ledger-broken``, and those of :func:`make_checkpoint`.
    """
    found = hold_onwards(store, ledger, key, now)
    return make_checkpoint(ledger, key, now, Head(found.size, found.chain, found.root))


def hold_onwards(store: Store, ledger: Ledger, key: SigningKey, now: int) -> Verification:
    """Verify what is new since the last time, before it is vouched for. Raises PlumblineError ``ledger-broken``."""
    found = verify_onwards(store, ledger, [key.verifier], now)
    if found.outcome is Outcome.BROKEN:
        raise PlumblineError(
            "ledger-broken",
            t("The ledger does not hold, and nothing was signed: {reason}", reason=found.message),
            t("Keep the database as it is, find out who changed it, and restore a backup that verifies."),
            kind=ErrorKind.REFUSED,
        )
    return found


def _found(before: Verification, report: Report, fault: Fault | None) -> Verification:
    if fault is not None:
        return msgspec.structs.replace(
            before, outcome=Outcome.BROKEN, fault=fault.seq, code=fault.code, message=fault.message
        )
    if report.outcome is Outcome.NOTHING:
        return before
    return Verification(
        outcome=Outcome.INTACT,
        whole=before.whole,
        size=report.last,
        chain=report.chain,
        root=report.root,
        signed=max(report.signed, before.signed),
    )


def _start(ledger: Ledger, before: Verification) -> Start:
    return Start(size=before.size, chain=before.chain, frontier=frontier_at(before.size, ledger.node))


def _checkpoints(ledger: Ledger, keys: Sequence[VerifyingKey], after: int) -> list[Checkpoint]:
    """Those of this server; other replicas sign with keys of their own."""
    names = {key.name for key in keys}
    later = [found for found in ledger.checkpoints() if found.size > after or not after]
    return [found for found in later if found.origin in names or not names]


def _moved(ledger: Ledger, before: Verification) -> Fault | None:
    """What held before does not any more, even if it is chained anew."""
    if not before.size:
        return None
    size = ledger.size()
    if size < before.size:
        message = t("The ledger ends with entry {last}; it had {size} before.", last=size, size=before.size)
        return Fault(size + 1, "truncated", message)
    [last] = ledger.read(before.size, 1)
    if last.chain == before.chain and _root(ledger, before.size) == before.root:
        return None
    message = t("Something among the first {size} entries was changed, and chained anew.", size=before.size)
    return Fault(0, "rewritten", message)


def _root(ledger: Ledger, size: int) -> bytes:
    try:
        return root_at(size, ledger.node)
    except PlumblineError:
        return b""
