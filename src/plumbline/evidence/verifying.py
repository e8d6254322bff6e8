"""Is the ledger what it was? The first thing that is not as it should be is named by its sequence number. The rules:

1. Entries are numbered without a gap; each one's chain value follows from the one before and its own bytes.
2. What an entry is called by (source, id, type, subject) is what stands in its bytes; no id comes twice.
3. A checkpoint counts only as it was signed, and where keys are given only by one of them; it says the chain value and
   the root of the ledger at its size.
4. A checkpoint of more entries than there are is a fault: the ledger was cut, unless a proof leads on to its root.
5. Entries that no true checkpoint covers are told of; where signatures are asked for, they are a fault.
6. Nothing to verify is never a pass.
"""

from __future__ import annotations

import struct
from enum import StrEnum
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence.checkpoint import claimed_checkpoint, read_checkpoint
from plumbline.evidence.cosignature import WitnessKey
from plumbline.evidence.entry_faults import Fault, Names, fault_of, names_in, quick_names_in
from plumbline.evidence.merkle import MerkleTree
from plumbline.kernel import PlumblineError, Text, t
from plumbline.kernel.text import nt
from plumbline.model.event import NO_CHAIN, Checkpoint, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from plumbline.evidence.notes import VerifyingKey

_BATCH = 2000
_pack = struct.Struct(">QQ").pack


class Outcome(StrEnum):
    INTACT = "intact"
    BROKEN = "broken"
    NOTHING = "nothing to verify"  # never a pass


class CosignedSize(msgspec.Struct, frozen=True, kw_only=True):
    """The largest ledger that a witness cosigned, and when, in seconds since the epoch by its clock."""

    by: WitnessKey
    size: int
    at: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What verification found. ``signed`` is the largest size that a known key vouches for. ``chosen``: so many entries
    of those from ``first`` to ``last`` were there, each proved by itself; 0: all of them."""

    outcome: Outcome
    first: int = 0
    last: int = 0  # up to here every entry is as it was
    chain: bytes = b""
    root: bytes = b""
    signed: int = 0
    checkpoints: int = 0  # that a known key signed and that are true
    fault: Fault | None = None
    chosen: int = 0
    notes: tuple[Text, ...] = ()
    cosigned: tuple[CosignedSize, ...] = ()

    @property
    def intact(self) -> bool:
        return self.outcome is Outcome.INTACT


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger before the first entry to verify, where that is not entry 1."""

    size: int = 0
    chain: bytes = NO_CHAIN
    frontier: tuple[bytes, ...] = ()


class Unreadable(Exception):  # noqa: N818
    """An entry cannot even be read; raised by whatever the entries are taken from."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def verify(
    entries: Iterable[Entry],
    checkpoints: Sequence[Checkpoint],
    keys: Sequence[VerifyingKey],
    *,
    start: Start | None = None,
    beyond: Sequence[tuple[int, bytes]] = (),
    must_be_signed: bool = False,
) -> Report:
    """Verify entries in one pass, and the checkpoints' notes with the keys.

    Without keys the signatures are not checked, and the report says so. ``beyond`` are the Merkle subtrees (level and
    hash) that follow the last entry up to the size of the last checkpoint. ``must_be_signed``: an entry that no true
    checkpoint covers is a fault.
    """
    return _Verification(checkpoints, keys, start or Start(), must_be_signed).run(iter(entries), beyond)


class _Verification:
    def __init__(
        self, checkpoints: Sequence[Checkpoint], keys: Sequence[VerifyingKey], start: Start, must_be_signed: bool
    ) -> None:
        self._keys = keys
        self._must_be_signed = must_be_signed
        self._start = start
        self._size = start.size
        self._chain = start.chain
        self._tree = MerkleTree(start.size, start.frontier)
        self._seen: set[int] = set()  # by hash: 64 bytes an entry; by chance wrong once in 10**7 runs over 10**6
        self._signed = 0
        self._true = 0
        self._notes: list[Text] = []
        self._given = checkpoints

    def run(self, entries: Iterator[Entry], beyond: Sequence[tuple[int, bytes]]) -> Report:
        fault = None
        try:
            marks = self._marks()
            self._entries(entries, marks)
            last = self._size
            self._beyond(beyond, marks)
            self._end(last)
        except Unreadable as unreadable:
            fault = unreadable.fault
            last = self._size
        if not fault and last == self._start.size:
            return self._report(Outcome.NOTHING, last, None)
        return self._report(Outcome.BROKEN if fault else Outcome.INTACT, last, fault)

    def _report(self, outcome: Outcome, last: int, fault: Fault | None) -> Report:
        return Report(
            outcome=outcome,
            first=self._start.size + 1 if last > self._start.size else 0,
            last=last,
            chain=self._chain,
            root=self._tree.root,
            signed=self._signed,
            checkpoints=self._true,
            fault=fault,
            notes=tuple(self._notes),
        )

    def _marks(self) -> list[Checkpoint]:
        """What the notes say that can be believed, smallest first."""
        found = []
        strangers = 0
        for given in self._given:
            if not isinstance(given.note, bytes):  # a database takes a text where bytes should be
                raise _fault(max(0, given.size), "checkpoint", _otherwise(given))
            try:
                said = read_checkpoint(given.note, self._keys) if self._keys else claimed_checkpoint(given.note)
            except PlumblineError as error:
                if error.code == "no-known-signature":
                    strangers += 1
                    continue
                raise _fault(max(0, given.size), "checkpoint", error.message) from None
            if said.size < 1 or (said.size, said.root, said.chain) != (given.size, given.root, given.chain):
                raise _fault(max(0, given.size), "checkpoint", _otherwise(given))
            found.append(said)
        if strangers:
            self._notes.append(t("{count} checkpoints are signed by keys that were not given.", count=strangers))
        if strangers and not found:
            raise _fault(
                0,
                "unsigned",
                t("No checkpoint is signed by a key that was given: give the one that was handed over, --key KEY."),
            )
        if found and not self._keys:
            self._notes.append(t("No public key was given: the signatures of the checkpoints were not checked."))
        return sorted(found, key=lambda mark: mark.size)

    def _entries(self, entries: Iterator[Entry], marks: list[Checkpoint]) -> None:
        while True:
            while marks and marks[0].size <= self._size:
                self._mark(marks.pop(0))
            room = min(_BATCH, marks[0].size - self._size) if marks else _BATCH
            batch = list(islice(entries, room))
            if not batch:
                return
            if not self._all_right(batch):
                self._one_by_one(batch, next(entries, None))

    def _all_right(self, batch: list[Entry]) -> bool:
        """The fast way: the whole batch at once. What is wrong, if anything, is not found here."""
        if [entry.seq for entry in batch] != list(range(self._size + 1, self._size + 1 + len(batch))):
            return False
        try:
            records = _records(batch)
            chain = _chained(self._chain, batch, records)
            if chain is None or not _are_named(batch):
                return False
        except (struct.error, TypeError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        keys = {hash((entry.source, entry.id)) for entry in batch}
        if len(keys) != len(batch) or not self._seen.isdisjoint(keys):
            return False
        self._seen |= keys
        self._size += len(batch)
        self._chain = chain
        self._tree.extend([sha256(b"\0" + data).digest() for data in records])
        return True

    def _one_by_one(self, batch: list[Entry], following: Entry | None) -> None:
        """The slow way, for a batch in which something is wrong: always raises."""
        for entry, after in zip(batch, [*batch[1:], following], strict=True):
            fault = fault_of(entry, after, self._size, self._chain)
            if fault:
                raise Unreadable(fault)
            if hash((entry.source, entry.id)) in self._seen:
                raise _fault(entry.seq, "duplicate", t("Entry {seq} repeats the id of an earlier one.", seq=entry.seq))
            if not self._all_right([entry]):
                raise AssertionError(f"entry {entry.seq} is right and wrong")
        raise AssertionError("a batch is wrong and all its entries are right")

    def _mark(self, mark: Checkpoint) -> None:
        """Hold a checkpoint against the ledger at its size."""
        if mark.size < self._size or (self._start.size and mark.size == self._start.size):
            return  # of before the first entry here
        if mark.root == self._tree.root and mark.chain == self._chain:
            self._believe(mark)
            return
        since = max(self._signed, self._start.size) + 1
        raise _fault(
            since,
            "root",
            t(
                "From entry {since} to {size} something was changed, and chained anew: the checkpoint says otherwise.",
                since=since,
                size=mark.size,
            ),
        )

    def _believe(self, mark: Checkpoint) -> None:
        if self._keys:
            self._signed = mark.size
            self._true += 1

    def _beyond(self, beyond: Sequence[tuple[int, bytes]], marks: list[Checkpoint]) -> None:
        """The checkpoints of sizes that the entries do not reach."""
        if not marks:
            return
        mark, last = marks[-1], self._size
        try:
            for level, subtree in beyond:
                self._tree.extend([subtree], level)
        except ValueError:
            raise _fault(last, "proof", t("The proof does not fit the entries.")) from None
        if not beyond or last == self._start.size:
            raise _fault(
                last + 1,
                "truncated",
                t("The ledger ends with entry {last}; a checkpoint says it had {size}.", last=last, size=mark.size),
            )
        if (self._tree.size, self._tree.root) != (mark.size, mark.root):
            raise _fault(
                self._start.size + 1, "root", t("The entries are not those the checkpoint was made of, or not whole.")
            )
        self._believe(mark)

    def _end(self, last: int) -> None:
        tail = last - max(self._signed, self._start.size)
        if tail <= 0 or not (self._keys or self._must_be_signed):
            return
        note = nt(
            "{count} entry after entry {signed} is covered by no checkpoint.",
            "{count} entries after entry {signed} are covered by no checkpoint.",
            tail,
            signed=last - tail,
        )
        if self._must_be_signed:
            raise _fault(last - tail + 1, "unsigned", note)
        self._notes.append(note)


def _records(batch: list[Entry]) -> list[bytes]:
    """As :func:`plumbline.evidence.chain.record` makes them."""
    made = [_pack(entry.seq, entry.received) + sha256(entry.body).digest() for entry in batch]
    if any(entry.sender for entry in batch):
        return [
            data + sha256(entry.sender).digest() if entry.sender else data
            for entry, data in zip(batch, made, strict=True)
        ]
    return made


def _chained(chain: bytes, batch: list[Entry], records: list[bytes]) -> bytes | None:
    """The chain value after these entries; None where one of theirs is another."""
    for entry, data in zip(batch, records, strict=True):
        chain = sha256(chain + data).digest()
        if chain != entry.chain:
            return None
    return chain


def _are_named(batch: list[Entry]) -> bool:
    """Whether what stands beside the bodies is what stands in them."""
    try:
        return _agree(batch, quick_names_in)
    except RecursionError:  # one that was taken in before there was a limit
        return _agree(batch, names_in)


def _agree(batch: list[Entry], read: Callable[[bytes], Names]) -> bool:
    for entry in batch:
        name = read(entry.body)
        context = name.context
        if (
            context.id != entry.id
            or context.source != entry.source
            or context.type != entry.type
            or name.subject.id != entry.subject
        ):
            return False
    return True


def _otherwise(given: Checkpoint) -> Text:
    return t("The checkpoint of size {size} is stored otherwise than it was signed.", size=given.size)


def _fault(seq: int, code: str, message: Text) -> Unreadable:
    return Unreadable(Fault(seq, code, message))
