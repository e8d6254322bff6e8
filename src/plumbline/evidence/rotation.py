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
    """The keys, those that they vouch for, and how far each older one goes. A note that is none counts as not there.

    A key vouches for those before it, each up to where it was followed, and for the one that follows it. What only an
    older key says of others that would follow it is not believed, and nobody where two would follow the same one:
    whoever got hold of a key after it was retired can say such things.
    """
    rotations = []
    for note in notes:
        with suppress(PlumblineError):
            rotations.append(read_rotation(note))
    found = {_id(key): key for key in keys}
    for key in keys:
        _earlier(key, rotations, found)
        _later(key, rotations, found)
    return list(found.values())


def _earlier(key: VerifyingKey, rotations: Sequence[Rotation], found: dict[_Id, VerifyingKey]) -> None:
    pending = [key]
    while pending:
        newer = _id(pending.pop())
        for one in rotations:
            if _id(one.new) == newer and _id(one.old) not in found:
                found[_id(one.old)] = msgspec.structs.replace(one.old, until=one.size)
                pending.append(one.old)


def _later(key: VerifyingKey, rotations: Sequence[Rotation], found: dict[_Id, VerifyingKey]) -> None:
    while True:
        following = {_id(one.new): one for one in rotations if _id(one.old) == _id(key)}
        if len(following) != 1:
            return
        (name, one), *_ = following.items()
        found[_id(key)] = msgspec.structs.replace(key, until=one.size)
        if name in found:
            return
        found[name] = key = one.new


_Id = tuple[str, bytes]


def _id(key: VerifyingKey) -> _Id:
    return key.name, key.public
