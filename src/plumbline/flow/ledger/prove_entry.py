"""One entry of the ledger with the proof that it is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.evidence import inclusion_proof, leaf_hash, names_hold, record, root_at, verify_inclusion
from plumbline.flow.ledger.sight import require_entry, seen_ledger
from plumbline.kernel import PlumblineError, t
from plumbline.model.event import NO_CHAIN, EntryFilter

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.ledger.sight import SeenLedger
    from plumbline.flow.ledger.tools import LedgerTools
    from plumbline.model.event import Checkpoint, Entry
    from plumbline.model.ports.ledger import Ledger


class Inclusion(NamedTuple):
    """RFC 6962: the path from the leaf of an entry to the root of the tree of this size."""

    size: int
    leaf: bytes
    path: tuple[bytes, ...]
    root: bytes


class Proof(NamedTuple):
    """That an entry is in the ledger."""

    entry: Entry
    previous: bytes  # the chain value of the entry before
    size: int  # of the ledger
    inclusion: Inclusion | None  # recomputed when asked; None: nothing proves it
    checkpoint: Checkpoint | None  # the newest signed one that covers the entry
    earlier: int  # number of the entry before it that the actor may see; 0: there is none
    later: int


def view_entry(actor: Actor, tools: LedgerTools, seq: int) -> Proof:
    """Raises PlumblineError ``not-found``, ``not-allowed``."""
    ledger = tools.ledger
    entry, before = entry_at(ledger, seq), entry_at(ledger, seq - 1)
    with tools.units.view(actor) as unit:
        require_entry(unit, ledger, use_cases.VIEW_ENTRY, entry, t("The ledger has no entry {seq}.", seq=seq))
        seen = seen_ledger(unit, ledger, use_cases.VIEW_ENTRY)
    assert entry is not None
    covering = [made for made in ledger.checkpoints() if made.size >= seq]
    return Proof(
        entry=entry,
        previous=before.chain if before is not None else NO_CHAIN,
        size=ledger.size(),
        inclusion=prove_entry(ledger, entry),
        checkpoint=covering[-1] if covering else None,
        earlier=_beside(seen, seq, newest=True),
        later=_beside(seen, seq, newest=False),
    )


def _beside(seen: SeenLedger, seq: int, *, newest: bool) -> int:
    found = seen.look(EntryFilter(), 1, start=seq, newest=newest).entries
    return found[0].seq if found else 0


def entry_at(ledger: Ledger, seq: int) -> Entry | None:
    found = next(iter(ledger.read(seq, 1)), None) if 0 < seq <= ledger.size() else None
    return found if found is not None and found.seq == seq else None


def prove_entry(ledger: Ledger, entry: Entry) -> Inclusion | None:
    """None where the ledger is not what it was: nothing proves this entry then."""
    size = ledger.size()
    if entry.received < 0 or not names_hold(entry):
        return None
    leaf = leaf_hash(record(entry.seq, entry.received, entry.body, entry.sender))
    try:
        path, root = tuple(inclusion_proof(entry.seq - 1, size, ledger.node)), root_at(size, ledger.node)
    except PlumblineError:
        return None
    return Inclusion(size, leaf, path, root) if verify_inclusion(leaf, entry.seq - 1, size, path, root) else None
