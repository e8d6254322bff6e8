"""Names made fit for hosts and paths, and what an environment's name says of its tier."""

from __future__ import annotations

import re
from functools import lru_cache

_NOT_SLUG = re.compile(r"[^a-z0-9]")
_MAX_ENVIRONMENT = 24
_TIERS = tuple(
    (tier, re.compile(pattern, re.IGNORECASE))
    for tier, pattern in (
        ("development", r"dev|review|trunk"),
        ("testing", r"test|tst|int|ac(?:ce)?pt|qa|qc|control|quality"),
        ("staging", r"sta?g|mode?l|pre|demo|non"),
        ("production", r"pro?d|live"),
    )
)


def slug(text: str) -> str:
    """GitLab's ``*_SLUG``: lower case, all but a-z and 0-9 a hyphen, at most 63 characters, no hyphen at the ends."""
    return _NOT_SLUG.sub("-", text.lower())[:63].strip("-")


@lru_cache(maxsize=1024)
def environment_slug(name: str) -> str:
    """``CI_ENVIRONMENT_SLUG``: at most 24 characters, begins with a letter; ends in a digest if the name had to change.

    The digest is made as GitLab makes it, so that host names agree.
    """
    text = _NOT_SLUG.sub("-", name.lower())
    if not text[:1].isalpha():
        text = f"env-{text}"
    text = re.sub(r"-+", "-", text)
    if text == name and len(text) <= _MAX_ENVIRONMENT:
        return text.removesuffix("-")
    head = text[:17]
    return f"{head}{'' if head.endswith('-') else '-'}{_digest(name)}"


def _digest(name: str) -> str:
    """The last six digits, to the base 36, of the SHA-256 of the name."""
    from hashlib import sha256

    number = int(sha256(name.encode()).hexdigest(), 16)
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


@lru_cache(maxsize=1024)
def environment_tier(name: str) -> str:
    """The deployment tier that an environment's name suggests: development, testing, staging, production or other."""
    return next((tier for tier, pattern in _TIERS if pattern.search(name)), "other")
