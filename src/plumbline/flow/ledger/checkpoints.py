"""Make checkpoints of the ledger, verify it, and hand out pieces of it with their proof."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.evidence import (
    Report,
    SigningKey,
    Start,
    VerifyingKey,
    bundle_lines,
    consistency_proof,
    frontier_at,
    newest_checkpoint,
    newest_first,
    read_checkpoint,
    root_at,
    sign_checkpoint,
    spans,
    verify,
    verify_consistency,
)
from plumbline.evidence.witnessed import with_witnesses
from plumbline.flow.ledger.index_check import FilingCheck
from plumbline.flow.ledger.key_rotation import known_keys, rotations
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.event import NO_CHAIN, Checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from plumbline.evidence.cosignature import WitnessKey
    from plumbline.model.ports.ledger import Ledger

_REWRITTEN = ("root", "truncated")  # faults that a checkpoint tells of


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """That the ledger of the older checkpoint is the beginning of the newer one's (RFC 6962, 2.1.2)."""

    older: Checkpoint
    newer: Checkpoint
    path: tuple[bytes, ...]


class Head(NamedTuple):
    """The end of the ledger when it had so many entries: its chain, and the root over all of them."""

    size: int
    chain: bytes
    root: bytes


def make_checkpoint(ledger: Ledger, key: SigningKey, now: int, head: Head | None = None) -> Checkpoint:
    """Sign what the ledger is now; the newest checkpoint where nothing was added since. ``head``: what was verified
    just now. Without it what the ledger keeps for proofs is taken at its word; verification looks at that.

    Raises PlumblineError: ``nothing-to-sign``, and ``ledger-rewritten`` where the newest checkpoint does not hold any
    more, or is not the one that was signed: nobody should sign what came after.
    """
    size, chain = ledger.head()
    if not size:
        raise _refused("nothing-to-sign", t("The ledger has no entries yet."), t("There is nothing to vouch for."))
    last = newest_checkpoint(ledger.checkpoints(), key.name)
    if last is not None:
        check_unchanged(ledger, last, key.verifier)
        _refuse_rewritten(ledger, last, size)
        if last.size >= (head.size if head is not None else size) and _vouched(ledger, last, key):
            return last
    if head is None:
        head = Head(size, chain, root_at(size, ledger.node))
    said = Checkpoint(origin=key.name, size=head.size, root=head.root, chain=head.chain, made=now)
    signed = sign_checkpoint(said, [key])
    ledger.add_checkpoint(signed)
    return signed


def _vouched(ledger: Ledger, last: Checkpoint, key: SigningKey) -> bool:
    """Not one that a key signed after another had followed it: nobody else would believe it."""
    try:
        read_checkpoint(last.note, known_keys(ledger, [key.verifier]))
    except PlumblineError:
        return False
    return True


def check_unchanged(ledger: Ledger, last: Checkpoint, key: VerifyingKey) -> None:
    """Nobody hands out a note again that somebody changed where it was kept. PlumblineError ``ledger-rewritten``."""
    said = None
    with suppress(PlumblineError):  # one may have been signed while the key was being followed by another
        keys = [msgspec.structs.replace(known, until=0) for known in known_keys(ledger, [key])]
        said = read_checkpoint(last.note, keys)
    if said is None or (said.size, said.root, said.chain) != (last.size, last.root, last.chain):
        raise _refused(
            "ledger-rewritten",
            t("The checkpoint of size {size} is stored otherwise than it was signed.", size=last.size),
            t("`plumb ledger verify` says which entry is wrong. Restore a backup that verifies."),
        )


def _refuse_rewritten(ledger: Ledger, last: Checkpoint, size: int) -> None:
    if (
        last.size <= size
        and root_at(last.size, ledger.node) == last.root
        and _chain_at(ledger, last.size) == last.chain
    ):
        return
    raise _refused(
        "ledger-rewritten",
        t("The ledger is not what it was at the checkpoint of size {size}; nothing was signed.", size=last.size),
        t("`plumb ledger verify` says which entry is wrong. Restore a backup that verifies."),
    )


class Kept(NamedTuple):
    """Notes of one ledger; and what is to be said of those that are passed."""

    notes: list[bytes]
    passed: list[Text]


def sort_notes(notes: Sequence[bytes], keys: Sequence[VerifyingKey], place: str) -> Kept:
    """Those that one of the keys signed. Raises PlumblineError ``no-known-signature`` where none of them is."""
    kept: list[bytes] = []
    reasons: list[PlumblineError] = []
    for note in notes:
        try:
            read_checkpoint(note, keys)
        except PlumblineError as error:
            reasons.append(error)
        else:
            kept.append(note)
    if not kept and reasons:
        raise reasons[-1]
    passed = [t("{count} notes in {place} were passed: {reason}", count=len(reasons), place=place,
                reason=reasons[-1].message)] if reasons else []  # fmt: skip
    return Kept(kept, passed)


def verify_ledger(
    ledger: Ledger,
    keys: Sequence[VerifyingKey],
    outside: Sequence[bytes] = (),
    witnesses: Sequence[WitnessKey] = (),
    demanded: Sequence[WitnessKey] = (),
) -> Report:
    """Verify every entry, what is kept beside it, the checkpoints kept with the ledger, and notes from elsewhere. What
    ``witnesses`` cosigned is said; without the word of those ``demanded`` it is broken.

    Raises PlumblineError where a note from elsewhere is not a checkpoint that one of the keys signed.
    """
    keys = known_keys(ledger, keys)
    elsewhere = [read_checkpoint(note, keys) for note in outside]
    filing = FilingCheck(ledger)
    marks = [*ledger.checkpoints(), *elsewhere]
    report = verify(filing.watch(ledger.read()), marks, keys)
    if elsewhere and report.fault is not None and report.fault.code in _REWRITTEN:
        # Whoever has the database and the key can sign what they rewrote: what is kept elsewhere alone says from where.
        told = verify(ledger.read(), elsewhere, keys)
        report = told if told.fault is not None else report
    return with_witnesses(filing.judged(report), [mark.note for mark in marks], keys, witnesses, demanded)


def export_ledger(ledger: Ledger, file: BinaryIO, origin: str, first: int = 1, last: int | None = None) -> int:
    """Write :func:`exported`; returns the number of entries. Raises as that does."""
    found = exported(ledger, origin, first, last)
    for line in found.lines:
        file.write(line)
    return found.entries


class Exported(NamedTuple):
    lines: Iterator[bytes]
    entries: int


def exported(ledger: Ledger, origin: str, first: int = 1, last: int | None = None) -> Exported:
    """A bundle of the entries from ``first`` to ``last`` (None: all that a checkpoint of ``origin`` covers).

    Raises PlumblineError: ``no-checkpoint``, ``no-entry``, ``ledger-broken``.
    """
    checkpoints = [*newest_first(ledger.checkpoints(), origin)][::-1]
    if not checkpoints:
        raise _refused("no-checkpoint", t("No checkpoint was made yet."), t("`plumb ledger checkpoint` makes one."))
    signed = checkpoints[-1].size
    last = signed if last is None else last
    if not 1 <= first <= last <= signed:
        raise _refused(
            "no-entry",
            t("Entries {first} to {last} are not all there: a checkpoint covers 1 to {signed}.", first=first, last=last,
              signed=signed),
            t("`plumb ledger checkpoint` covers what was added since."),
        )  # fmt: skip
    inside = [found for found in checkpoints if first <= found.size <= last]
    cover = [] if inside and inside[-1].size == last else [checkpoints[-1]]
    start = start_after(ledger, first - 1)
    beyond = [(level, ledger.node(level, index)) for level, index in spans(last, cover[-1].size)] if cover else []
    count = last - first + 1
    notes = rotations(ledger)
    lines = bundle_lines(
        ledger.read(first, count), [*inside, *cover], last=last, start=start, beyond=beyond, rotations=notes
    )
    return Exported(lines, count)


def start_after(ledger: Ledger, seq: int) -> Start:
    """The ledger as an entry leaves it, for verifying those behind it. PlumblineError ``ledger-broken``."""
    return Start(size=seq, chain=_chain_at(ledger, seq), frontier=frontier_at(seq, ledger.node))


def _chain_at(ledger: Ledger, seq: int) -> bytes:
    return next((entry.chain for entry in ledger.read(seq, 1)), b"") if seq else NO_CHAIN


def prove_growth(ledger: Ledger, note: bytes, key: VerifyingKey) -> Growth:
    """That the ledger only grew since a checkpoint that was kept elsewhere.

    Raises PlumblineError: as reading a checkpoint does, ``no-checkpoint``, and ``ledger-rewritten`` where it did not.
    """
    older = read_checkpoint(note, known_keys(ledger, [key]))
    newer = newest_checkpoint(ledger.checkpoints(), older.origin)
    if newer is None:
        raise _refused("no-checkpoint", t("No checkpoint was made yet."), t("`plumb ledger checkpoint` makes one."))
    if older.size > newer.size:
        raise _refused(
            "ledger-rewritten",
            t("The checkpoint has {older} entries, the ledger's newest only {newer}.", older=older.size,
              newer=newer.size),
            t("Make a new checkpoint first; if the ledger itself is shorter, its end was cut off."),
        )  # fmt: skip
    path = consistency_proof(older.size, newer.size, ledger.node)
    if not verify_consistency(older.size, older.root, newer.size, newer.root, path):
        raise _refused(
            "ledger-rewritten",
            t("The ledger is not a continuation of this checkpoint: what it had was changed."),
            t("`plumb ledger verify` says which entry is wrong."),
        )
    return Growth(older=older, newer=newer, path=tuple(path))


def _refused(code: str, message: Text, hint: Text) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.REFUSED)
