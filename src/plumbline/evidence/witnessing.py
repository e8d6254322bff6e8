"""What a log asks a witness (C2SP tlog-witness, ``add-checkpoint``), written and read.

A line ``old`` and the size that the witness knows, the lines of a consistency proof in base64, an empty line, and the
checkpoint as a signed note.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from plumbline.evidence.notes import b64, note_text, unb64
from plumbline.kernel import ErrorKind, PlumblineError, Text, t

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZE_MEDIA = "text/x.tlog.size"  # of the answer 409, whose body is the size that the witness knows
MOST_REQUEST = 64 << 10  # bytes
_MOST_STEPS = 63
_LARGEST = 1 << 62
_size = re.compile(r"0|[1-9][0-9]{0,18}")


class AddCheckpoint(NamedTuple):
    old: int
    path: tuple[bytes, ...]
    note: bytes


class TreeHead(NamedTuple):
    """The first three lines of any checkpoint (C2SP tlog-checkpoint), whatever follows them."""

    origin: str
    size: int
    root: bytes


def write_request(old: int, path: Sequence[bytes], note: bytes) -> bytes:
    return f"old {old}\n".encode() + b"".join(f"{b64(step)}\n".encode() for step in path) + b"\n" + note


def read_request(body: bytes) -> AddCheckpoint:
    """Raises PlumblineError ``witness-request-wrong``."""
    head, blank, note = body.partition(b"\n\n")
    first, *steps = head.decode("ascii", errors="replace").split("\n")
    old = _number(first.removeprefix("old "))
    if not blank or not first.startswith("old ") or old is None or len(steps) > _MOST_STEPS:
        raise _wrong(t("It begins with a line 'old', a blank and a size, has at most 63 hashes, and an empty line."))
    try:
        path = tuple(map(_hash, steps))
    except ValueError:
        raise _wrong(t("A hash of the proof is not one of 32 bytes in base64.")) from None
    return AddCheckpoint(old, path, note)


def tree_head(note: bytes) -> TreeHead:
    """What a note says, believed by nobody yet. Raises PlumblineError ``witness-request-wrong``."""
    try:
        lines = note_text(note).split("\n")[:-1]
        origin, size, root = lines[:3]
        head = TreeHead(origin, _number(size) or 0, _hash(root))
    except (PlumblineError, ValueError):
        raise _wrong(t("What follows the empty line is not a checkpoint.")) from None
    if not origin or not all(lines) or str(head.size) != size:
        raise _wrong(t("What follows the empty line is not a checkpoint."))
    return head


def read_size(body: bytes) -> int | None:
    """The size in the answer 409 of a witness; None where it is none."""
    return _number(body.decode("ascii", errors="replace").removesuffix("\n"))


def _number(text: str) -> int | None:
    found = int(text) if _size.fullmatch(text) else None
    return found if found is not None and found < _LARGEST else None


def _hash(text: str) -> bytes:
    data = unb64(text)
    if len(data) != 32:
        raise ValueError("not a SHA-256")
    return data


def _wrong(reason: Text) -> PlumblineError:
    return PlumblineError(
        "witness-request-wrong",
        t("This is not what a witness is asked with."),
        reason,
        kind=ErrorKind.REFUSED,
    )
