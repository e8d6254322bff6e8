"""What is said of an artifact in one file that can be verified anywhere: JSON lines. The first one says which artifact;
then a line for each piece, with its digest; the last one seals everything before it.

Pieces are attestations, the artifact's own manifest, and entries of the ledger with their proofs
(:mod:`plumbline.evidence.selection`). A key is never taken from the file.
"""

from __future__ import annotations

import base64
import binascii
import io
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal, TypeVar

import msgspec

from plumbline.evidence.names_once import check_names_once
from plumbline.evidence.notes import VerifyingKey, b64
from plumbline.evidence.rotation import with_rotations
from plumbline.evidence.selection import read_selection, verify_selection
from plumbline.evidence.verifying import Outcome, Report
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FORMAT = "plumbline-artifact/1"
_BEGINS = f'{{"format":"{FORMAT}",'.encode()
_LONGEST_LINE = 64 * 1024 * 1024
_MOST_PIECES = 10_000
_WRONG = (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError)
_Number = Annotated[int, msgspec.Meta(ge=0, lt=1 << 62)]
S = TypeVar("S", bound=msgspec.Struct)
PieceKind = Literal["attestation", "manifest", "ledger"]


class About(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which artifact a file is about. ``at``: when it was exported, in microseconds since the epoch, and by whom."""

    digest: str
    media_type: str = ""
    names: tuple[str, ...] = ()
    by: str = ""
    at: _Number = 0


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """``type``: the media type of an attestation or a manifest."""

    kind: PieceKind
    data: bytes
    type: str = ""

    @property
    def digest(self) -> str:
        return f"sha256:{sha256(self.data).hexdigest()}"


class _Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: str
    about: About


class _Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    piece: PieceKind
    digest: str
    type: str = ""
    data: str


class _Seal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pieces: _Number
    sha256: str


class ArtifactFile(msgspec.Struct, frozen=True, kw_only=True):
    about: About
    pieces: tuple[Piece, ...]

    def of(self, kind: PieceKind) -> tuple[Piece, ...]:
        return tuple(one for one in self.pieces if one.kind == kind)


_encode = msgspec.json.Encoder().encode


def artifact_lines(about: About, pieces: Iterable[Piece]) -> Iterator[bytes]:
    seal, count = sha256(), 0

    def put(line: object) -> bytes:
        data = _encode(line) + b"\n"
        seal.update(data)
        return data

    yield put(_Head(format=FORMAT, about=about))
    for piece in pieces:
        count += 1
        yield put(_Line(piece=piece.kind, digest=piece.digest, type=piece.type, data=b64(piece.data)))
    yield _encode(_Seal(pieces=count, sha256=seal.hexdigest())) + b"\n"


def is_artifact_file(file: BinaryIO) -> bool:
    """Whether a file that can be read again from its beginning is such a one."""
    begins = file.read(len(_BEGINS))
    file.seek(0)
    return begins == _BEGINS


def read_artifact_file(file: BinaryIO) -> ArtifactFile:
    """Raises PlumblineError ``not-an-artifact-file``; ``piece-changed`` with its number, ``file-changed``."""
    seal = sha256()
    head = file.readline(_LONGEST_LINE)
    seal.update(head)
    try:
        said = _strictly(head, _Head)
        if said.format != FORMAT:
            raise ValueError(said.format)
    except _WRONG:
        raise _refused("not-an-artifact-file", t("The first line is not that of a file about an artifact.")) from None
    pieces: list[Piece] = []
    while (line := file.readline(_LONGEST_LINE)).startswith(b'{"piece":'):
        seal.update(line)
        if len(pieces) == _MOST_PIECES:
            raise _refused("file-changed", t("It has more than {most} pieces.", most=_MOST_PIECES))
        pieces.append(_piece(line, len(pieces) + 1))
    if line != _encode(_Seal(pieces=len(pieces), sha256=seal.hexdigest())) + b"\n" or file.read(1):
        raise _refused("file-changed", t("The file was changed outside its pieces, or its end is missing."))
    return ArtifactFile(about=said.about, pieces=tuple(pieces))


def _piece(line: bytes, number: int) -> Piece:
    try:
        said = _strictly(line, _Line)
        piece = Piece(kind=said.piece, data=base64.b64decode(said.data, validate=True), type=said.type)
    except (*_WRONG, binascii.Error):
        raise _refused("piece-changed", t("Piece {number} cannot be read.", number=number)) from None
    if piece.digest != said.digest:
        raise _refused("piece-changed", t("Piece {number} is not what its digest says.", number=number))
    return piece


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """Entries of the ledger in such a file, as far as they could be verified. ``entries``: number, body, sender;
    ``leaves``: hash of each, by its number."""

    report: Report
    entries: tuple[tuple[int, bytes, bytes], ...]
    keys: tuple[VerifyingKey, ...]  # those given, with those they vouch for
    leaves: dict[int, bytes] = {}


def verify_slice(data: bytes, keys: Sequence[VerifyingKey]) -> Slice:
    """Nothing is taken from entries that do not hold."""
    report = verify_selection(io.BytesIO(data), keys)
    if report.outcome is not Outcome.INTACT:
        return Slice(report=report, entries=(), keys=tuple(keys))
    found = read_selection(io.BytesIO(data))
    vouched = tuple(with_rotations(keys, found.rotations))
    return Slice(report=report, entries=found.entries, keys=vouched, leaves=found.leaves)


def _strictly(line: bytes, kind: type[S]) -> S:
    found = msgspec.json.decode(line, type=ready(kind))
    if line != _encode(found) + b"\n":  # not as it is written here, where each name stands once
        check_names_once(line)
    return found


def _refused(code: str, message: Text) -> PlumblineError:
    return PlumblineError(
        code, message, t("Export it again: `plumb artifact export DIGEST -o FILE`."), kind=ErrorKind.REFUSED
    )
