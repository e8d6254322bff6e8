"""Take entries along in one file that anybody can verify who has the public key, and tell the ledger who did."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from msgspec import UNSET

from plumbline.access import use_cases
from plumbline.evidence import inclusion_proof, timestamp
from plumbline.evidence.selection import Chosen, selection_lines
from plumbline.evidence.vocabulary import own_operations
from plumbline.flow.ledger.checkpoints import exported
from plumbline.flow.ledger.find_entries import find_entries
from plumbline.flow.ledger.key_rotation import rotations
from plumbline.flow.ledger.verify_onwards import sign_onwards
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.event import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.access import Actor
    from plumbline.flow.ledger.sight import SeenLedger
    from plumbline.flow.ledger.tools import LedgerTools
    from plumbline.model.event import Checkpoint, Entry

_AT_ONCE = 500  # entries that are in memory
_REMEMBERED = 1 << 14  # hashes: proofs of entries side by side have most of theirs in common


class Export(NamedTuple):
    """``lines``: of the file, made as they are taken. ``size``: of the checkpoint; what came later is not in it."""

    lines: Iterator[bytes]
    name: str
    size: int


def export_entries(
    actor: Actor, tools: LedgerTools, wanted: EntryFilter, text: str = "", *, part: bool = False
) -> Export:
    """Those wanted that the actor may take along: the whole ledger as one unbroken piece, or each entry with its own
    proof. ``text`` and ``part``: as :func:`find_entries` has them.

    Raises PlumblineError ``not-allowed``, ``nothing-to-export`` where nothing of this may be seen, ``no-checkpoint``,
    and as signing does.
    """
    seen = tools.seen(actor, use_cases.EXPORT_LEDGER)
    nodes = seen.inside(wanted.scope)
    if not nodes:
        raise PlumblineError(
            "nothing-to-export",
            t("There is nothing about '{path}' that you may take along.", path=wanted.scope),
            t("Choose a node where you may export the ledger, or one below it."),
            kind=ErrorKind.REFUSED,
        )
    wanted = find_entries(seen, wanted, text, 1, part=part).wanted if text else wanted
    checkpoint = _checkpoint(tools)
    everything = nodes == ("",)
    with tools.units.change(actor) as unit:
        unit.refresh()
        unit.require(use_cases.EXPORT_LEDGER)
        told = own_operations.LedgerExported(
            person=actor.name,
            size=checkpoint.size,
            nodes=UNSET if everything else nodes,
            kind=wanted.kind or wanted.kind_begins or UNSET,
            who=wanted.who or UNSET,
            text=wanted.text or wanted.subject or wanted.id or wanted.source or UNSET,
            since=timestamp(wanted.since) if wanted.since else UNSET,
            until=timestamp(wanted.until) if wanted.until else UNSET,
        )
        unit.record(checkpoint.origin, told, "" if everything or len(nodes) > 1 else nodes[0])
        at = unit.now
    if everything and wanted == EntryFilter():
        lines = exported(tools.ledger, checkpoint.origin, last=checkpoint.size).lines
    else:
        chosen = Chosen(
            by=actor.name,
            at=at,
            nodes=() if everything else nodes,
            type=wanted.kind or wanted.kind_begins,
            who=wanted.who,
            text=wanted.text or wanted.subject or wanted.id or wanted.source,
            since=wanted.since,
            until=wanted.until,
        )
        lines = _selection(seen, wanted, checkpoint, chosen)
    return Export(lines, f"ledger-{checkpoint.size}.jsonl", checkpoint.size)


def _checkpoint(tools: LedgerTools) -> Checkpoint:
    """Of all that there is by now where this server can sign, else the newest one."""
    key = tools.signing_key()
    if key is not None:
        return sign_onwards(tools.units.store, tools.ledger, key, tools.units.clock())
    made = tools.ledger.checkpoints()
    if not made:
        raise PlumblineError(
            "no-checkpoint",
            t("No checkpoint was made yet."),
            t("`plumb ledger checkpoint` makes one."),
            kind=ErrorKind.REFUSED,
        )
    return made[-1]


def _selection(seen: SeenLedger, wanted: EntryFilter, checkpoint: Checkpoint, chosen: Chosen) -> Iterator[bytes]:
    node = lru_cache(maxsize=_REMEMBERED)(seen.ledger.node)

    def proof(entry: Entry) -> Sequence[bytes]:
        return inclusion_proof(entry.seq - 1, checkpoint.size, node)

    return selection_lines(_entries(seen, wanted, checkpoint.size), proof, checkpoint, chosen, rotations(seen.ledger))


def _entries(seen: SeenLedger, wanted: EntryFilter, last: int) -> Iterator[Entry]:
    """In the order of the ledger."""
    after = 0
    while True:
        found = seen.look(wanted, _AT_ONCE, start=after, newest=False)
        for entry in found.entries:
            if entry.seq > last:
                return
            yield entry
        if not found.next:
            return
        after = found.next
