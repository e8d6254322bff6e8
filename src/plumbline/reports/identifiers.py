"""What weaknesses and vulnerabilities are called: CVE, GHSA, CWE and the like, found in what tools write."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_CWE = re.compile(r"\bCWE[-_ /:]?(\d{1,5})\b", re.IGNORECASE)
_OTHER = re.compile(
    r"\b(CVE-\d{4}-\d{4,7}|GHSA(?:-[0-9a-z]{4}){3}|PYSEC-\d{4}-\d+|RUSTSEC-\d{4}-\d{4}|GO-\d{4}-\d{4,}"
    r"|OSV-\d{4}-\d+|CNVD-\d{4}-\d+|CNNVD-\d{6}-\d+|DSA-\d+-\d+|RHSA-\d{4}:\d+|MAL-\d{4}-\d+)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def named(text: str) -> tuple[str, ...]:
    """The identifiers in a text, each in its usual spelling."""
    found = {f"CWE-{int(number)}" for number in _CWE.findall(text)}
    for name in _OTHER.findall(text):
        kind, _, rest = name.partition("-")
        found.add(f"GHSA-{rest.lower()}" if kind.upper() == "GHSA" else name.upper())
    return tuple(sorted(found))


def all_named(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name for text in texts for name in named(text)}))


def vulnerabilities(identifiers: Iterable[str]) -> tuple[str, ...]:
    """Those that name one vulnerability; a CWE is a class of them."""
    return tuple(name for name in identifiers if not name.startswith("CWE-"))
