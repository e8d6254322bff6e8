"""What is wrong with a package URL, told without taking it apart: bills have tens of thousands."""

from __future__ import annotations

import re

_FORM = re.compile(r"pkg:/*[A-Za-z][A-Za-z0-9.+-]*/[^?#]*[^/?#]")


def fault(purl: str) -> str:
    """Empty where it is in order; "no-purl", or "two-versions" for one such as ``pkg:npm/x@1@2``: readers would not
    agree on its name."""
    if not purl.startswith("pkg:") or not _FORM.match(purl):
        return "no-purl"
    if purl.count("@") > 1 and purl.partition("#")[0].partition("?")[0].count("@") > 1:
        return "two-versions"
    return ""


def without_version(purl: str) -> str:
    """The package of any version: no version, no qualifiers, no path inside; its type in small letters."""
    bare = purl.partition("#")[0].partition("?")[0]
    name, at, _ = bare.rpartition("@")
    if at and "/" not in bare.rpartition("@")[2]:
        bare = name
    kind, slash, rest = bare.removeprefix("pkg:").lstrip("/").partition("/")
    return f"pkg:{kind.lower()}{slash}{rest}" if slash else purl
