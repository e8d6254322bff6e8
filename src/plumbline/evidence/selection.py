"""Some entries of the ledger in one file that can be verified anywhere: each with the proof that it is in a signed
checkpoint. JSON lines: what was chosen with the signed note, then a line for each entry, and a seal over everything
before it. What lies between the entries is not told, so nothing says that none is missing.

A key is never taken from the file.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, BinaryIO

import msgspec

from plumbline.evidence.chain import record
from plumbline.evidence.checkpoint import read_checkpoint
from plumbline.evidence.entry_faults import Fault
from plumbline.evidence.merkle import leaf_hash, verify_inclusion
from plumbline.evidence.names_once import check_names_once
from plumbline.evidence.rotation import with_rotations
from plumbline.evidence.verifying import Outcome, Report
from plumbline.evidence.witnessed import with_witnesses
from plumbline.kernel import PlumblineError, Text, t
from plumbline.model.event import MAX_EVENT
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from plumbline.evidence.cosignature import WitnessKey
    from plumbline.evidence.notes import VerifyingKey
    from plumbline.model.event import Checkpoint, Entry

FORMAT = "plumbline-entries/1"
_BEGINS = f'{{"format":"{FORMAT}",'.encode()
_LONGEST_LINE = 8 * MAX_EVENT
_Number = Annotated[int, msgspec.Meta(ge=0, lt=1 << 62)]
_WRONG = (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError)


class Chosen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What whoever exported asked for; empty: it did not matter. Times in microseconds since the epoch."""

    by: str  # name of the person
    at: _Number
    nodes: tuple[str, ...] = ()  # paths: about these and what is below them; none: about anything
    type: str = ""
    who: str = ""
    text: str = ""
    since: _Number = 0
    until: _Number = 0


class _Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: str
    chosen: Chosen
    checkpoint: str  # signed note
    rotations: tuple[str, ...]  # signed notes: which key followed which


class _Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    seq: _Number
    received: _Number
    body: str
    path: tuple[str, ...]  # inclusion proof, hexadecimal
    sender: str = ""


class _Seal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    entries: _Number
    sha256: str


_encode = msgspec.json.Encoder().encode
_read_line = msgspec.json.Decoder(_Line).decode


def selection_lines(
    entries: Iterable[Entry],
    proof: Callable[[Entry], Sequence[bytes]],
    checkpoint: Checkpoint,
    chosen: Chosen,
    rotations: Sequence[bytes] = (),
) -> Iterator[bytes]:
    """The lines of the file. ``entries``: in their order, all covered by the ``checkpoint``. ``proof``: the path from
    an entry to the root of that."""
    seal, count = sha256(), 0

    def put(line: object) -> bytes:
        data = _encode(line) + b"\n"
        seal.update(data)
        return data

    notes = tuple(note.decode() for note in rotations)
    yield put(_Head(format=FORMAT, chosen=chosen, checkpoint=checkpoint.note.decode(), rotations=notes))
    for entry in entries:
        count += 1
        path = tuple(step.hex() for step in proof(entry))
        body, sender = entry.body.decode(), entry.sender.decode()
        yield put(_Line(seq=entry.seq, received=entry.received, body=body, path=path, sender=sender))
    yield _encode(_Seal(entries=count, sha256=seal.hexdigest())) + b"\n"


def is_selection(file: BinaryIO) -> bool:
    """Whether a file that can be read again from its beginning is such a one."""
    begins = file.read(len(_BEGINS))
    file.seek(0)
    return begins == _BEGINS


def verify_selection(file: BinaryIO, keys: Sequence[VerifyingKey], witnesses: Sequence[WitnessKey] = ()) -> Report:
    """Verify it with nothing but itself and keys from elsewhere. ``witnesses``: these have to have cosigned."""
    seal, first, last, count = sha256(), 0, 0, 0
    head = file.readline(_LONGEST_LINE)
    seal.update(head)
    try:
        said = _strictly(head, _Head)
        keys = with_rotations(keys, [note.encode() for note in said.rotations])
        checkpoint = read_checkpoint(said.checkpoint.encode(), keys)
    except PlumblineError as error:
        return _broken(0, "checkpoint", error.message)
    except _WRONG:
        return _broken(0, "unreadable", t("The first line of the file cannot be read."))
    while (line := file.readline(_LONGEST_LINE)).startswith(b'{"seq":'):
        seal.update(line)
        try:
            entry = _read_line(line)
            check_names_once(line)
            path = tuple(bytes.fromhex(step) for step in entry.path)
        except _WRONG:
            return _broken(0, "unreadable", t("The line after entry {seq} cannot be read.", seq=last))
        leaf = _leaf(entry)
        if entry.seq <= last:
            return _broken(entry.seq, "order", t("Entry {seq} stands after entry {last}.", seq=entry.seq, last=last))
        if not verify_inclusion(leaf, entry.seq - 1, checkpoint.size, path, checkpoint.root):
            message = t("Nothing proves that entry {seq} is in the ledger as it stands here.", seq=entry.seq)
            return _broken(entry.seq, "proof", message)
        first, last, count = first or entry.seq, entry.seq, count + 1
    if line != _encode(_Seal(entries=count, sha256=seal.hexdigest())) + b"\n" or file.read(1):
        return _broken(0, "seal", t("The file was changed outside its entries, or its end is missing."))
    if not count:
        return Report(outcome=Outcome.NOTHING)
    report = Report(
        outcome=Outcome.INTACT, first=first, last=last, root=checkpoint.root, signed=checkpoint.size, checkpoints=1,
        chosen=count,
    )  # fmt: skip
    return with_witnesses(report, [checkpoint.note], keys, (), witnesses)


class Selected(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in such a file. ``entries``: number, body, sender; ``leaves``: hash of each, by its number."""

    entries: tuple[tuple[int, bytes, bytes], ...]
    rotations: tuple[bytes, ...]
    leaves: dict[int, bytes]


def read_selection(file: BinaryIO) -> Selected:
    """Of a file that :func:`verify_selection` found intact: it is not verified again."""
    head = _strictly(file.readline(_LONGEST_LINE), _Head)
    lines = [_read_line(line) for line in iter(lambda: file.readline(_LONGEST_LINE), b"") if line[:7] == b'{"seq":']
    return Selected(
        entries=tuple((line.seq, line.body.encode(), line.sender.encode()) for line in lines),
        rotations=tuple(note.encode() for note in head.rotations),
        leaves={line.seq: _leaf(line) for line in lines},
    )


def _leaf(line: _Line) -> bytes:
    return leaf_hash(record(line.seq, line.received, line.body.encode(), line.sender.encode()))


def _strictly(line: bytes, kind: type[_Head]) -> _Head:
    found = msgspec.json.decode(line, type=ready(kind))
    check_names_once(line)
    if found.format != FORMAT:
        raise ValueError(found.format)
    return found


def _broken(seq: int, code: str, message: Text) -> Report:
    return Report(outcome=Outcome.BROKEN, fault=Fault(seq, code, message))
