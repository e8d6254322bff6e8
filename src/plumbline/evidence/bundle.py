"""A piece of the ledger in one file that can be verified anywhere: JSON lines, the same bytes for the same entries.

The first line says what is inside and has the signed checkpoints; then one line for each entry; the last line has the
SHA-256 of everything before it. A key is never taken from the file.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from plumbline.evidence.checkpoint import claimed_checkpoint
from plumbline.evidence.entry_faults import Fault
from plumbline.evidence.names_once import check_names_once
from plumbline.evidence.nesting import near_the_top
from plumbline.evidence.rotation import with_rotations
from plumbline.evidence.verifying import Outcome, Report, Start, Unreadable, verify
from plumbline.evidence.witnessed import with_witnesses
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.event import MAX_EVENT, Entry
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import BinaryIO

    from plumbline.evidence.cosignature import WitnessKey
    from plumbline.evidence.notes import VerifyingKey
    from plumbline.model.event import Checkpoint

FORMAT = "plumbline-ledger/2"
FORMATS = ("plumbline-ledger/1", FORMAT)  # that are read; in the first one no entry names its sender
_LONGEST_LINE = 8 * MAX_EVENT


_Size = Annotated[int, msgspec.Meta(ge=0, lt=1 << 62)]
_Level = Annotated[int, msgspec.Meta(ge=0, lt=62)]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    pass


class Manifest(_Strict, frozen=True, kw_only=True):
    """The first line of a bundle. Hashes are hexadecimal."""

    format: str
    origin: str
    first: _Size
    last: _Size
    before: str  # chain value before the first entry
    left: tuple[str, ...]  # Merkle frontier before the first entry
    right: tuple[tuple[_Level, str], ...]  # Merkle subtrees from the last entry to the last checkpoint: level and hash
    checkpoints: tuple[str, ...]  # signed notes
    keys: tuple[str, ...] = ()  # never used
    rotations: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET  # signed notes: which key followed which


class _Line(_Strict, frozen=True, kw_only=True, omit_defaults=True):
    seq: int
    received: int
    chain: str
    body: str
    sender: str = ""


class _Seal(_Strict, frozen=True, kw_only=True):
    sha256: str


class _Id(msgspec.Struct, gc=False):
    id: str = ""
    source: str = ""
    type: str = ""


class _Names(msgspec.Struct, gc=False):
    context: _Id = msgspec.field(default_factory=_Id)
    subject: _Id = msgspec.field(default_factory=_Id)


_encode = msgspec.json.Encoder().encode
_read_line = msgspec.json.Decoder(_Line).decode
_read_names = msgspec.json.Decoder(_Names).decode
_WRONG = (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError)


def write_bundle(file: BinaryIO, entries: Iterable[Entry], checkpoints: Sequence[Checkpoint], **more: Any) -> int:
    """Write :func:`bundle_lines`; returns how many bytes."""
    return sum(file.write(line) for line in bundle_lines(entries, checkpoints, **more))


def bundle_lines(
    entries: Iterable[Entry],
    checkpoints: Sequence[Checkpoint],
    *,
    last: int,
    start: Start | None = None,
    beyond: Sequence[tuple[int, bytes]] = (),
    rotations: Sequence[bytes] = (),
) -> Iterator[bytes]:
    """The entries from ``start`` up to ``last``.

    ``beyond`` as for :func:`~plumbline.evidence.verify`, where the last checkpoint is of a larger size than ``last``.
    Raises PlumblineError ``ledger-broken`` where the entries are not those asked for.
    """
    start = start or Start()
    seal = sha256()

    def put(line: Any) -> bytes:
        data = _encode(line) + b"\n"
        seal.update(data)
        return data

    yield put(
        Manifest(
            format=FORMAT,
            origin=checkpoints[-1].origin if checkpoints else "",
            first=start.size + 1,
            last=last,
            before=start.chain.hex(),
            left=tuple(hash_.hex() for hash_ in start.frontier),
            right=tuple((level, hash_.hex()) for level, hash_ in beyond),
            checkpoints=tuple(checkpoint.note.decode() for checkpoint in checkpoints),
            rotations=tuple(note.decode() for note in rotations) or msgspec.UNSET,
        )
    )
    seq = start.size
    for entry in entries:
        seq += 1
        yield put(_line(entry, seq))
    if seq != last:
        raise _broken(seq + 1)
    yield put(_Seal(sha256=seal.hexdigest()))


def _line(entry: Entry, seq: int) -> _Line:
    try:
        body, sender = entry.body.decode(), entry.sender.decode()
    except UnicodeDecodeError:
        raise _broken(seq) from None
    if entry.seq != seq:
        raise _broken(seq)
    return _Line(seq=seq, received=entry.received, chain=entry.chain.hex(), body=body, sender=sender)


def verify_bundle(file: BinaryIO, keys: Sequence[VerifyingKey], witnesses: Sequence[WitnessKey] = ()) -> Report:
    """Verify a bundle with nothing but itself and keys from elsewhere. ``witnesses``: these have to have cosigned.

    Raises PlumblineError: ``no-key``, and ``not-a-bundle`` where the first line is not one of a bundle.
    """
    if not keys:
        raise PlumblineError(
            "no-key",
            t("A bundle is verified with a public key that does not come with it."),
            t("Give the key that was handed over separately: --key KEY"),
            kind=ErrorKind.CONFIGURATION,
        )
    lines = _Lines(file)
    manifest = lines.manifest()
    try:
        start = Start(
            size=manifest.first - 1,
            chain=bytes.fromhex(manifest.before),
            frontier=tuple(bytes.fromhex(hash_) for hash_ in manifest.left),
        )
        beyond = [(level, bytes.fromhex(hash_)) for level, hash_ in manifest.right]
        checkpoints = [claimed_checkpoint(note.encode()) for note in manifest.checkpoints]
        keys = with_rotations(keys, [note.encode() for note in manifest.rotations or ()])
        report = verify(lines.entries(manifest), checkpoints, keys, start=start, beyond=beyond, must_be_signed=True)
    except PlumblineError as error:
        report = Report(outcome=Outcome.BROKEN, fault=Fault(0, "checkpoint", error.message))
    except ValueError:
        report = Report(outcome=Outcome.BROKEN, fault=Fault(0, "proof", t("The proof in the first line is not one.")))
    notes = [note.encode() for note in manifest.checkpoints]
    return with_witnesses(_with_notes(_sealed(report, lines), manifest), notes, keys, (), witnesses)


def _sealed(report: Report, lines: _Lines) -> Report:
    """A file that was changed where nothing else tells is broken all the same."""
    if report.fault or lines.sealed:
        return report
    fault = Fault(0, "seal", t("The file was changed outside its entries, or its end is missing."))
    return msgspec.structs.replace(report, outcome=Outcome.BROKEN, fault=fault)


def _with_notes(report: Report, manifest: Manifest) -> Report:
    if not manifest.keys:
        return report
    note = t("The file brings keys along; they were not used, since whoever made the file could have made them.")
    return msgspec.structs.replace(report, notes=(*report.notes, note))


class _Lines:
    """The lines of a bundle, hashed as they are read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = sha256()
        self.sealed = False

    def _next(self) -> bytes:
        return self._file.readline(_LONGEST_LINE)

    def manifest(self) -> Manifest:
        line = self._next()
        try:
            manifest = msgspec.json.decode(line, type=ready(Manifest))
            _check_names(line, manifest)
        except _WRONG:
            manifest = None
        if (
            manifest is None
            or manifest.format not in FORMATS
            or manifest.first < 1
            or manifest.last < manifest.first - 1
        ):
            raise PlumblineError(
                "not-a-bundle",
                t("The file is not a bundle of a ledger, or its first line was changed."),
                t("`plumb ledger export` makes bundles."),
                kind=ErrorKind.REFUSED,
            )
        self._hash.update(line)
        return manifest

    def entries(self, manifest: Manifest) -> Iterator[Entry]:
        for seq in range(manifest.first, manifest.last + 1):
            line = self._next()
            if not line.endswith(b"\n"):
                raise Unreadable(
                    Fault(
                        seq,
                        "truncated",
                        t("The file ends before entry {seq}; it should go on to {last}.", seq=seq, last=manifest.last),
                    )
                )
            self._hash.update(line)
            yield _entry(line, seq)
        self._seal()

    def _seal(self) -> None:
        line = self._next()
        self.sealed = line == _encode(_Seal(sha256=self._hash.hexdigest())) + b"\n" and not self._file.read(1)


def _entry(line: bytes, seq: int) -> Entry:
    try:
        said = _read_line(line)
        _check_names(line, said)
        chain = bytes.fromhex(said.chain)
        body = said.body.encode()
        if chain.hex() != said.chain:
            raise ValueError("not the one way to write it")
    except _WRONG:
        raise Unreadable(Fault(seq, "unreadable", t("The line of entry {seq} cannot be read.", seq=seq))) from None
    try:
        names = near_the_top(_read_names, body)
    except _WRONG:
        names = _Names()  # the chain will tell
    return Entry(
        seq=said.seq,
        source=names.context.source,
        id=names.context.id,
        type=names.context.type,
        subject=names.subject.id,
        received=said.received,
        body=body,
        chain=chain,
        sender=said.sender.encode(),
    )


def _check_names(line: bytes, said: _Strict) -> None:
    """A name that stands there twice has two values, and readers differ in which one they take. Raises ValueError."""
    if line != _encode(said) + b"\n":  # not as it is written here, where each name stands once
        check_names_once(line)


def _broken(seq: int) -> PlumblineError:
    return PlumblineError(
        "ledger-broken",
        t("The ledger is broken at entry {seq}; nothing was exported.", seq=seq),
        t("`plumb ledger verify` says what is wrong."),
    )
