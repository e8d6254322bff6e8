"""What a browser keeps of somebody who signed in there: it lets them pass where strangers have to wait, and nothing
else. It is no credential: with it alone nobody signs in.

``<person>.<seconds>.<id>.<mac>``, several of them with ``~`` between. The key is the installation's own; the day of the
password is signed as well, so that a new password ends every mark of the old one.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import NamedTuple

MARK_KEY_BYTES = 32
MARK_ID_BYTES = 12
MARK_SECONDS = 180 * 24 * 3600  # for which it is good
MOST_MARKS = 4  # accounts that one browser is known to
LONGEST_MARKS = 600  # characters of all of them
_SECOND = 1_000_000


class Mark(NamedTuple):
    person: int
    issued: int  # seconds since the epoch
    id: str
    mac: str


def write_mark(key: bytes, person: int, changed: int, now: int, id_bytes: bytes) -> Mark:
    """``changed``: when the password of the person was; ``now``: both in microseconds."""
    issued, name = now // _SECOND, _text(id_bytes)
    return Mark(person, issued, name, _mac(key, person, issued, name, changed))


def good_mark(key: bytes, mark: Mark, changed: int, now: int) -> bool:
    """Whether it was written here, for this password, and not too long ago."""
    right = _mac(key, mark.person, mark.issued, mark.id, changed)
    genuine = hmac.compare_digest(right.encode(), mark.mac.encode())
    return genuine and 0 <= now // _SECOND - mark.issued < MARK_SECONDS


def read_marks(shown: str) -> tuple[Mark, ...]:
    """What of it can be marks, the newest first."""
    if len(shown) > LONGEST_MARKS or not shown.isascii():
        return ()
    found = [mark for one in shown.split("~")[:MOST_MARKS] if (mark := _read(one.split(".")))]
    return tuple(found)


def join_marks(newest: Mark, others: tuple[Mark, ...]) -> str:
    """``others``: those that the browser showed; one of the same person gives way."""
    kept = [newest, *(mark for mark in others if mark.person != newest.person)][:MOST_MARKS]
    return "~".join(f"{mark.person}.{mark.issued}.{mark.id}.{mark.mac}" for mark in kept)


def _read(parts: list[str]) -> Mark | None:
    if len(parts) != 4 or not all(part.isdecimal() and len(part) < 19 for part in parts[:2]):
        return None
    return Mark(int(parts[0]), int(parts[1]), parts[2], parts[3])


def _mac(key: bytes, person: int, issued: int, name: str, changed: int) -> str:
    told = f"plumbline browser\n{person}\n{issued}\n{name}\n{changed}".encode()
    return _text(hmac.new(key, told, hashlib.sha256).digest()[:24])


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
