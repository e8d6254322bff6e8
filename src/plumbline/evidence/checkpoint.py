"""Checkpoints (C2SP tlog-checkpoint): what the ledger was at one size, as a note that its key signs.

The text is the origin, the size, the root in base64, and one line of our own: ``chain`` and the chain value in base64.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence.notes import note_text, sign_note, verify_note
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.event import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from plumbline.evidence.notes import SigningKey, VerifyingKey

_CHAIN = "chain "


def checkpoint_text(checkpoint: Checkpoint) -> str:
    lines = (checkpoint.origin, checkpoint.size, _b64(checkpoint.root), _CHAIN + _b64(checkpoint.chain))
    return "".join(f"{line}\n" for line in lines)


def sign_checkpoint(checkpoint: Checkpoint, keys: Sequence[SigningKey]) -> Checkpoint:
    """The checkpoint with its note."""
    return msgspec.structs.replace(checkpoint, note=sign_note(checkpoint_text(checkpoint), keys))


def read_checkpoint(note: bytes, keys: Iterable[VerifyingKey]) -> Checkpoint:
    """What a note says whose signatures hold. Raises PlumblineError as ``verify_note`` does, and ``bad-checkpoint``.

    A key that another one followed counts for no larger ledger than the one it was followed at.
    """
    signed = verify_note(note, keys)
    found = _parse(signed.text, note)
    if not any(key.vouches_for(found.size) for key in signed.by):
        raise PlumblineError(
            "no-known-signature",
            t("The checkpoint of {size} entries is signed by a key that another one had followed before.",
              size=found.size),
            t("Find out who still has the older key, and do not believe this checkpoint."),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip
    return found


def newest_first(checkpoints: Sequence[Checkpoint], origin: str) -> Iterator[Checkpoint]:
    """Those of one ledger. ``checkpoints``: as a ledger keeps them, the oldest first."""
    return (one for one in reversed(checkpoints) if one.origin == origin)


def newest_checkpoint(checkpoints: Sequence[Checkpoint], origin: str) -> Checkpoint | None:
    return next(newest_first(checkpoints, origin), None)


def claimed_checkpoint(note: bytes) -> Checkpoint:
    """What a note says, believed by nobody yet. Raises PlumblineError ``bad-note`` or ``bad-checkpoint``."""
    return _parse(note_text(note), note)


def _parse(text: str, note: bytes) -> Checkpoint:
    lines = text.split("\n")[:-1]
    try:
        origin, size, root = lines[:3]
        chain = next(line.removeprefix(_CHAIN) for line in lines[3:] if line.startswith(_CHAIN))
        found = Checkpoint(origin=origin, size=int(size), root=_hash(root), chain=_hash(chain), note=note)
    except (ValueError, StopIteration):
        raise _bad() from None
    if not origin or str(found.size) != size or found.size < 0 or not all(lines):
        raise _bad()
    return found


def _hash(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    if len(data) != 32 or _b64(data) != text:
        raise ValueError("not a SHA-256 in base64")
    return data


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bad() -> PlumblineError:
    return PlumblineError(
        "bad-checkpoint",
        t("The note is not a checkpoint of this ledger's form."),
        t("A checkpoint is four lines: origin, size, root and chain."),
        kind=ErrorKind.REFUSED,
    )
