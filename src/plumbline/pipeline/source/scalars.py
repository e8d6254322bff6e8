"""What a plain scalar means: the YAML 1.1 of Ruby's Psych, which is what GitLab reads configurations with.

It differs from the YAML 1.1 of other readers: ``y`` and ``n`` are texts, ``1e3`` is a text, ``12:30`` is hours, minutes
and seconds (45000), and a comma may stand in a number.
"""

from __future__ import annotations

import re
from functools import lru_cache

Scalar = str | int | float | bool | None

_WORDS: dict[str, bool | None] = {
    "~": None,
    "null": None,
    "yes": True,
    "true": True,
    "on": True,
    "no": False,
    "false": False,
    "off": False,
}
_NUMERIC_START = frozenset("0123456789+-.")
_LONGEST = 300  # characters; a longer row of digits stays a text

_DATE = re.compile(
    r"-?\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?)?", re.ASCII
)
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}(\.[0-9_]*)?")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][-+][0-9]+)?")
_INTEGER = re.compile(
    r"(?P<sign>[-+]?)(?:0b(?P<two>[01_,]*[01][01_,]*)|0x(?P<sixteen>[_,]*[0-9a-fA-F][0-9a-fA-F_,]*)"
    r"|0(?P<eight>[_,]*[0-7][0-7_,]*)|(?P<ten>0|[1-9](?:[0-9]|[,_][0-9])*))"
)
_BASES = {"two": 2, "eight": 8, "ten": 10, "sixteen": 16}


@lru_cache(maxsize=8192)
def scalar(text: str) -> Scalar:
    """The value of a plain (unquoted) scalar."""
    if not text:
        return None
    if text[0] in _NUMERIC_START:
        return _number(text) if len(text) <= _LONGEST else text
    if len(text) <= 5:
        return _WORDS.get(text.lower(), text)
    return text


def is_date(text: str) -> bool:
    """Whether a plain scalar is a date or a time, which GitLab refuses unless it is quoted."""
    return len(text) <= _LONGEST and _DATE.fullmatch(text) is not None


def _number(text: str) -> Scalar:
    found = _INTEGER.fullmatch(text)
    if found:
        base = found.lastgroup or "ten"
        digits = found[base].replace("_", "").replace(",", "")
        return int(f"{found['sign']}{digits}", _BASES[base])
    if ":" in text:
        found = _SEXAGESIMAL.fullmatch(text)
        return _sixties(text, float if found[1] is not None else int) if found else text
    if "." in text:
        return _float(text)
    return text


def _float(text: str) -> Scalar:
    special = text.lower()
    if special in (".inf", "+.inf", "-.inf", ".nan"):
        return float(special.replace(".", ""))
    if not _FLOAT.fullmatch(text):
        return text
    try:
        return float(text.replace("_", "").replace(",", ""))
    except ValueError:  # a lone dot
        return text


def _sixties(text: str, kind: type[int] | type[float]) -> int | float:
    """The first part counts 3600, the second 60, the third 1."""
    parts = text.replace("_", "").split(":")
    weights = (3600, 60, 1)
    return sum(kind(part or 0) * weight for part, weight in zip(parts, weights, strict=False))
