"""What a store keeps beside the entries (hashes for proofs, what each is about, who did it) follows from their bodies:
is it so?

Whoever can write into the database could otherwise hide an event from every grade, or from whoever looks for what a
person did, without touching it; or have a wrong root signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import msgspec

from plumbline.evidence import (
    Fault,
    MerkleTree,
    Outcome,
    filed_under,
    leaf_hash,
    near_the_top,
    read_sender,
    record,
    scope_of,
)
from plumbline.kernel import PlumblineError, t
from plumbline.model.event import SUBTREE, SUBTREE_LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plumbline.evidence import Report
    from plumbline.model.event import Entry

    # Number of the entry, its Merkle hash, the scopes it is found under (None: an older store keeps none); where the
    # clock was set back just before, when the entry before it was received and when it was; and the names of who did
    # it that it is found under (None: an older store keeps none).
    Filed = tuple[int, bytes, tuple[str, ...] | None, tuple[int, int] | None, tuple[str, ...] | None]


@runtime_checkable
class Filing(Protocol):
    """A ledger that keeps something beside its entries."""

    def filed(self, after: int) -> Iterator[Filed]:
        """What is stored beside each entry with a larger number, in order."""
        ...

    def node(self, level: int, index: int) -> bytes: ...

    def read(self, from_seq: int, limit: int) -> Iterator[Entry]: ...


class _About(msgspec.Struct, gc=False):
    customData: Any = None  # noqa: N815


_about = msgspec.json.Decoder(_About).decode


class FilingCheck:
    """Looks on while entries are verified: :meth:`watch` hands them through, :meth:`judged` adds what it found."""

    def __init__(self, ledger: object, after: int = 0) -> None:
        """``after``: the number of the entry before the first one that is verified."""
        self._ledger = ledger if isinstance(ledger, Filing) else None
        self._after = after
        self._hashes: dict[int, list[bytes]] = {}  # by level: of the subtrees since the last complete one above
        self._fault: Fault | None = None

    def watch(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        filed = self._ledger.filed(self._after) if self._ledger is not None else iter(())
        before = self._before()
        for entry in entries:
            if self._fault is None and (kept := next(filed, None)) is not None:
                self._fault = _fault_of(entry, kept, before) or self._over(entry.seq, kept[1], 0)
            before = entry
            yield entry

    def _before(self) -> Entry | None:
        return next(self._ledger.read(self._after, 1), None) if self._ledger is not None and self._after else None

    def judged(self, report: Report) -> Report:
        """What is wrong with an entry itself comes first; nothing is said of what lies behind it."""
        found, fault = self._fault, report.fault
        if found is None or (fault is not None and not 0 < found.seq < fault.seq):
            return report
        return msgspec.structs.replace(report, outcome=Outcome.BROKEN, fault=found)

    def _over(self, seq: int, hash_: bytes, level: int) -> Fault | None:
        """Hold the hash that is kept over so many entries against theirs, once ``seq`` completes them."""
        hashes = self._hashes.setdefault(level, [])
        hashes.append(hash_)
        if seq % (SUBTREE << level):
            return None
        self._hashes[level] = []
        if len(hashes) < SUBTREE:  # those before were looked at earlier
            return None
        above = level + SUBTREE_LEVELS
        first = seq - (SUBTREE << level) + 1
        tree = MerkleTree()
        tree.extend(hashes)
        if self._kept(above, (first - 1) >> above) != tree.root:
            message = t(
                "What is kept for proofs over the entries {first} to {last} was changed.", first=first, last=seq
            )
            return Fault(first, "filed", message)
        return self._over(seq, tree.root, above)

    def _kept(self, level: int, index: int) -> bytes:
        assert self._ledger is not None
        try:
            return self._ledger.node(level, index)
        except PlumblineError:
            return b""


def _fault_of(entry: Entry, kept: Filed, before: Entry | None) -> Fault | None:
    seq, leaf, scopes, set_back, who = kept
    if seq != entry.seq or not isinstance(entry.body, bytes) or not isinstance(entry.received, int):
        return None  # verification itself names it
    if not 0 <= entry.received < 1 << 64 or leaf != leaf_hash(record(seq, entry.received, entry.body, entry.sender)):
        return Fault(seq, "filed", t("What is kept for proofs beside entry {seq} was changed.", seq=seq))
    right = filed_under(entry.body, entry.sender)
    if scopes is not None and scopes != _named(right.scope) and scopes not in _earlier(entry, older=who is None):
        shown, wanted = ", ".join(scopes)[:200] or "-", right.scope or "-"
        message = t(
            "Entry {seq} is filed under {shown}, and its event says {wanted}: grades would be made of other events.",
            seq=seq,
            shown=shown,
            wanted=wanted,
        )
        return Fault(seq, "filed", message)
    if who is not None and who != _named(right.who):
        message = t(
            "Entry {seq} is kept as done by {shown}, and its event says {wanted}: it would not be found by who did it.",
            seq=seq,
            shown=", ".join(who)[:200] or "-",
            wanted=right.who or "-",
        )
        return Fault(seq, "filed", message)
    if set_back != _set_back(before, entry):
        message = t("What is kept of the time of entry {seq} was changed: it would be looked for at another.", seq=seq)
        return Fault(seq, "filed", message)
    return None


def _set_back(before: Entry | None, entry: Entry) -> tuple[int, int] | None:
    if before is None or not isinstance(before.received, int) or before.received <= entry.received:
        return None
    return before.received, entry.received


def _named(name: str) -> tuple[str, ...]:
    return (name,) if name else ()


def _earlier(entry: Entry, *, older: bool) -> tuple[tuple[str, ...], ...]:
    """As entries were filed before: with names that cannot be used, and, in an ``older`` store, by their customData
    alone."""
    if read_sender(entry.sender).scope:
        return ()
    try:
        custom = near_the_top(_about, entry.body).customData
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ((),)
    said = custom.get("project") if isinstance(custom, dict) else None
    as_sent = _named(said) if isinstance(said, str) else ()
    return (as_sent, _named(scope_of(custom))) if older or as_sent else ()
