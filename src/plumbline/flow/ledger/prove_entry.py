"""One entry of the ledger with the proof that it is in it, and the newest ones verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.evidence import (
    Fault,
    Outcome,
    Report,
    inclusion_proof,
    leaf_hash,
    names_hold,
    record,
    root_at,
    verify,
    verify_inclusion,
)
from plumbline.flow.ledger.checkpoints import start_after
from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from plumbline.model.event import Entry
    from plumbline.model.ports.ledger import Ledger


class Inclusion(NamedTuple):
    """RFC 6962: the path from the leaf of an entry to the root of the tree of this size."""

    size: int
    leaf: bytes
    path: tuple[bytes, ...]
    root: bytes


def entry_at(ledger: Ledger, seq: int) -> Entry | None:
    found = next(iter(ledger.read(seq, 1)), None) if 0 < seq <= ledger.size() else None
    return found if found is not None and found.seq == seq else None


def prove_entry(ledger: Ledger, entry: Entry) -> Inclusion | None:
    """None where the ledger is not what it was: nothing proves this entry then."""
    size = ledger.size()
    if entry.received < 0 or not names_hold(entry):
        return None
    leaf = leaf_hash(record(entry.seq, entry.received, entry.body))
    try:
        path, root = tuple(inclusion_proof(entry.seq - 1, size, ledger.node)), root_at(size, ledger.node)
    except PlumblineError:
        return None
    return Inclusion(size, leaf, path, root) if verify_inclusion(leaf, entry.seq - 1, size, path, root) else None


def verify_newest(ledger: Ledger, count: int) -> Report:
    """So many entries at the end, from where those before them leave the chain and the tree."""
    size = ledger.size()
    before = max(0, size - count)
    try:
        start = start_after(ledger, before)
    except PlumblineError as error:
        return Report(outcome=Outcome.BROKEN, fault=Fault(0, "filed", error.message))
    return verify(ledger.read(before + 1, size - before), [], [], start=start)
