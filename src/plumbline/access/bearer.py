"""Secrets that people and programs show at the door: how they are written, read, kept and compared.

Nothing here makes randomness; it is handed in. A secret has 256 bits, so one SHA-256 is enough to keep it by.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from typing import NamedTuple

SECRET_BYTES = 32
TOKEN_ID_BYTES = 8
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TOKEN = re.compile(r"plumb_([0-9A-Za-z]{11})_([0-9A-Za-z]{43})")
_ROBOT_TOKEN = re.compile(r"plumbr_([0-9A-Za-z]{11})_([0-9A-Za-z]{43})")
_SOURCE_TOKEN = re.compile(r"plumbs_([0-9A-Za-z]{11})_([0-9A-Za-z]{43})")


class Bearer(NamedTuple):
    """The parts of an API token."""

    id: str
    secret: str


def write_token(id_bytes: bytes, secret_bytes: bytes) -> tuple[str, Bearer]:
    """``plumb_<id>_<secret>``, letters and digits only, so that a double click takes it whole; and its parts."""
    bearer = Bearer(_base62(id_bytes, 11), _base62(secret_bytes, 43))
    return f"plumb_{bearer.id}_{bearer.secret}", bearer


def write_source_token(id_bytes: bytes, secret_bytes: bytes) -> tuple[str, Bearer]:
    """The same for a source of evidence: ``plumbs_<id>_<secret>``. It opens no door but that one."""
    bearer = Bearer(_base62(id_bytes, 11), _base62(secret_bytes, 43))
    return f"plumbs_{bearer.id}_{bearer.secret}", bearer


def write_robot_token(id_bytes: bytes, secret_bytes: bytes) -> tuple[str, Bearer]:
    """The same for a robot: ``plumbr_<id>_<secret>``. It opens the doors of artifacts alone."""
    bearer = Bearer(_base62(id_bytes, 11), _base62(secret_bytes, 43))
    return f"plumbr_{bearer.id}_{bearer.secret}", bearer


def read_robot_token(text: str) -> Bearer | None:
    """The parts of the token of a robot; None where it is not one."""
    return _parts(_ROBOT_TOKEN, text)


def read_token(text: str) -> Bearer | None:
    """The parts of a token; None where it is not one."""
    return _parts(_TOKEN, text)


def read_source_token(text: str) -> Bearer | None:
    """The parts of the token of a source; None where it is not one."""
    return _parts(_SOURCE_TOKEN, text)


def _parts(pattern: re.Pattern[str], text: str) -> Bearer | None:
    found = pattern.fullmatch(text.strip()) if len(text) < 200 else None
    return Bearer(*found.groups()) if found else None


def write_secret(secret_bytes: bytes) -> str:
    """A secret for a cookie or a link."""
    return urlsafe_b64encode(secret_bytes).rstrip(b"=").decode()


def digest(secret: str) -> bytes:
    """What is kept of a secret: 32 bytes."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def same(one: bytes, other: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one, other)


def csrf_token(session_secret: str) -> str:
    """What a form of this session must carry. It tells nothing of the secret it is made from."""
    return hmac.new(session_secret.encode("utf-8", "surrogatepass"), b"plumbline csrf", hashlib.sha256).hexdigest()


def csrf_matches(session_secret: str, shown: str) -> bool:
    return same(csrf_token(session_secret).encode(), shown.encode("utf-8", "surrogatepass"))


def _base62(data: bytes, width: int) -> str:
    number = int.from_bytes(data, "big")
    digits = []
    for _ in range(width):
        number, rest = divmod(number, 62)
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))
