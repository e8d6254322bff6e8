"""How repositories of artifacts, tags and digests are written (OCI distribution specification 1.1), and nothing else
passes: no path, no escape, no letter of another alphabet."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

LONGEST_NAME = 255  # characters of a repository: clients take no more, host and all
LONGEST_TAG = 128
ALGORITHMS = ("sha256", "sha512")  # of digests
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(rf"{_PART}(?:/{_PART})*", re.ASCII)
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}", re.ASCII)
_FALLBACK = re.compile(r"(sha256|sha512)-([0-9a-f]{64})", re.ASCII)
_SHOWN_OF_DIGEST = 64  # hexadecimal digits that a fallback tag has room for


class Subject(NamedTuple):
    """What a fallback tag is about: ``<algorithm>:<first digits of the digest>``."""

    algorithm: str
    digits: str

    @property
    def beginning(self) -> str:
        return f"{self.algorithm}:{self.digits}"


def is_name(text: str) -> bool:
    """Whether a repository may be called this: lower case, parts between slashes."""
    return len(text) <= LONGEST_NAME and _NAME.fullmatch(text) is not None


def is_tag(text: str) -> bool:
    return _TAG.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    """``sha256:`` or ``sha512:`` with all its digits, in lower case."""
    return _DIGEST.fullmatch(text) is not None


def algorithm_of(digest: str) -> str:
    return digest.partition(":")[0]


def sha256_of(data: bytes) -> str:
    """The digest under which bytes are stored where nobody wants another algorithm."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def prefixes(name: str) -> list[str]:
    """The paths that the project of a repository may have, the longest first: ``a/b/c``, ``a/b``, ``a``."""
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]


def below(name: str, path: str) -> str:
    """What follows the path of a project in the name of a repository: empty where that is all of it."""
    return name[len(path) + 1 :]


def address(path: str, name: str) -> str:
    """The name of a repository, from the path of its project and what follows it."""
    return (f"{path}/{name}" if name else path).lower()


def fallback_tag(digest: str) -> str:
    """The tag that clients without the referrers API look for: at most 64 digits (specification, Referrers Tag
    Schema)."""
    algorithm, _, digits = digest.partition(":")
    return f"{algorithm}-{digits[:_SHOWN_OF_DIGEST]}"


def subject_of(tag: str) -> Subject | None:
    """What a fallback tag is about; None where it is an ordinary tag."""
    found = _FALLBACK.fullmatch(tag)
    return Subject(found[1], found[2]) if found else None
