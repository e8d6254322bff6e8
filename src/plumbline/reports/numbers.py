"""Numbers as tools write them: with separators of many countries, and sometimes none at all."""

from __future__ import annotations

import math
import re

from plumbline.reports import limits

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[, '\u00a0\u202f]\d{3})+(?:\.\d*)?")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_COMMA = re.compile(r"[+-]?\d+,\d+")
_CONTINENTAL = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+")


def number(text: str) -> float | None:
    """A finite number; None where it is none, or could be two: ``1,234`` is either 1234 or 1.234."""
    text = text.strip()[:60]
    if _PLAIN.fullmatch(text):
        value = float(text)
    elif _CONTINENTAL.fullmatch(text):
        value = float(text.replace(".", "").replace(",", "."))
    elif _COMMA.fullmatch(text):
        whole, _, part = text.partition(",")
        if len(part) == 3 and whole.strip("+-").lstrip("0"):
            return None
        value = float(f"{whole}.{part}")
    elif _GROUPED.fullmatch(text):
        value = float(re.sub(r"[, '\u00a0\u202f]", "", text))
    else:
        return None
    return value if math.isfinite(value) else None


def whole(text: str) -> int | None:
    """A count, also with separators between its thousands; None where it is none."""
    text = re.sub(r"[,. '\u00a0\u202f](?=\d{3}(?:\D|$))", "", text.strip()[:40])
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


def duration(text: str) -> tuple[float | None, str]:
    """Seconds, and "" or what is wrong: "bad-number", "negative-duration", "absurd-duration"."""
    if not text:
        return None, ""
    try:
        value: float | None = float(text)
    except ValueError:
        value = number(text)
    if value is None or not math.isfinite(value):
        return None, "bad-number"
    if value < 0:
        return None, "negative-duration"
    if value > limits.LONGEST:
        return None, "absurd-duration"
    return value, ""


def finite(value: object) -> float | None:
    """A number of a JSON document; None for everything else, also for one that is too large to be one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        given = float(value)
    except OverflowError:
        return None
    return given if math.isfinite(given) else None


def counted(value: object) -> int | None:
    """A count of a JSON document: a whole number that is not negative; None for everything else."""
    given = finite(value)
    return int(given) if given is not None and given >= 0 and given == int(given) and given < 1e15 else None
