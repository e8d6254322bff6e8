"""One key of the ledger follows another: a note that both sign, so that whoever has one of them may believe the other.

The text: a line that says what it is, the origin, ``old`` and ``new`` with the public keys, and ``size``, the number of
entries up to which the older key vouches.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence.notes import VerifyingKey, note_text, parse_key, sign_note, verify_note
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plumbline.evidence.notes import SigningKey

_KIND = "plumbline key rotation/v1"
_TEXT = re.compile(
    rf"{re.escape(_KIND)}\n(?P<origin>[^\n]+)\nold (?P<old>[^\n]+)\nnew (?P<new>[^\n]+)\n"
    r"size (?P<size>\d{1,18})\n"
)


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """``new`` signs from an entry on that is after ``size``."""

    old: VerifyingKey
    new: VerifyingKey
    size: int


def write_rotation(old: SigningKey, new: SigningKey, size: int) -> bytes:
    """The note. Both keys have the name of the ledger."""
    if old.name != new.name or old.seed == new.seed:
        raise ValueError("a key is followed by another one of the same ledger")
    text = f"{_KIND}\n{old.name}\nold {old.verifier}\nnew {new.verifier}\nsize {size}\n"
    return sign_note(text, [old, new])


def read_rotation(note: bytes) -> Rotation:
    """Which key follows which, both having signed it. Raises PlumblineError ``bad-rotation``."""
    with suppress(PlumblineError):
        found = _TEXT.fullmatch(note_text(note))
        if found:
            old, new = parse_key(found["old"]), parse_key(found["new"])
            by = verify_note(note, [old, new]).by
            if old.name == new.name == found["origin"] and old in by and new in by and old != new:
                return Rotation(old=old, new=new, size=int(found["size"]))
    raise PlumblineError(
        "bad-rotation",
        t("This does not say which key of the ledger follows which, or not both of them signed it."),
        t("`plumb ledger rotate-key` makes such notes."),
        kind=ErrorKind.REFUSED,
    )


def with_rotations(keys: Sequence[VerifyingKey], notes: Iterable[bytes]) -> list[VerifyingKey]:
    """The keys, those that they vouch for, and how far each older one goes. A note that is none counts as not there."""
    rotations = []
    for note in notes:
        with suppress(PlumblineError):
            rotations.append(read_rotation(note))
    names = {_id(key): msgspec.structs.replace(key, until=0) for key in keys}
    while True:
        more = {
            _id(key): key
            for one in rotations
            if _id(one.old) in names or _id(one.new) in names
            for key in (one.old, one.new)
            if _id(key) not in names
        }
        if not more:
            break
        names |= more
    ends = {_id(one.old): one.size for one in rotations if _id(one.old) in names}
    return [msgspec.structs.replace(key, until=ends.get(each, 0)) for each, key in names.items()]


def _id(key: VerifyingKey) -> tuple[str, bytes]:
    return key.name, key.public
