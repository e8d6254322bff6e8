"""Digests as they come from outside: read strictly, so that nothing else ever becomes a part of a path."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import ErrorKind, PlumblineError, legible, t

if TYPE_CHECKING:
    from hashlib import _Hash

_FORM = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
ALGORITHMS = ("sha256", "sha512")


class Digest(NamedTuple):
    algorithm: str
    hex: str


def parse(digest: str) -> Digest:
    """Raises PlumblineError ``digest-malformed``."""
    if not _FORM.fullmatch(digest):
        raise PlumblineError(
            "digest-malformed",
            t("'{digest}' is no digest", digest=legible(digest[:200])),
            t("A digest is sha256: with 64, or sha512: with 128 of the characters 0-9 and a-f."),
            kind=ErrorKind.CONFIGURATION,
        )
    algorithm, _, value = digest.partition(":")
    return Digest(algorithm, value)


def hasher(algorithm: str) -> _Hash:
    """A new computation. Raises PlumblineError ``digest-malformed``."""
    if algorithm not in ALGORITHMS:
        raise PlumblineError(
            "digest-malformed",
            t("'{algorithm}' is no way to make digests here", algorithm=legible(algorithm[:50])),
            t("Use sha256 or sha512."),
            kind=ErrorKind.CONFIGURATION,
        )
    return hashlib.new(algorithm, usedforsecurity=True)


def digest_wrong(wanted: str, found: str) -> PlumblineError:
    return PlumblineError(
        "digest-wrong",
        t("the bytes that came are {found}, and not {wanted}", found=found, wanted=wanted),
        t("Send them again; if it stays like this, they were changed on the way, or their digest was not theirs."),
        kind=ErrorKind.REFUSED,
    )


def missing(digest: str) -> PlumblineError:
    return PlumblineError("blob-missing", t("there is nothing here with the digest {digest}", digest=digest),
                          kind=ErrorKind.REFUSED)  # fmt: skip


def corrupt(digest: str) -> PlumblineError:
    return PlumblineError(
        "blob-corrupt",
        t("what is stored as {digest} has other bytes by now, and is not given out", digest=digest),
        t("Push or build it again, which heals it; look at the disk, and at plumb doctor."),
    )


def too_large(digest: str, size: int, most: int) -> PlumblineError:
    return PlumblineError(
        "blob-too-large",
        t("{digest} has {size} bytes; what is read at once may have {most}", digest=digest, size=size, most=most),
        kind=ErrorKind.REFUSED,
    )
