"""Durations in the words people use: ``1h 30m``, ``2 weeks and 3 days``, ``one week``, ``1:30:00``, ``never``."""

from __future__ import annotations

import math
import re
from functools import lru_cache

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2592000, "year": 31557600}
_SHORT = {
    "second": "s sec secs",
    "minute": "m min mins",
    "hour": "h hr hrs",
    "day": "d dy",
    "week": "w wk wks",
    "month": "mo mos mon mons",
    "year": "y yr yrs",
}
_UNITS = {word: _SECONDS[unit] for unit, shorts in _SHORT.items() for word in (unit, f"{unit}s", *shorts.split())}
_SMALL = (  # zero to nineteen, in order
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NUMBERS = {word: number for number, word in enumerate(_SMALL.split())}
_NUMBERS |= {word: 10 * number for number, word in enumerate(_TENS.split(), 2)}
_JOINERS = frozenset({"and", "with", "plus"})
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)")
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?|\.\d+)|([a-z]+)|[,-])\s*", re.ASCII)
_LONGEST = 200  # characters


@lru_cache(maxsize=1024)
def seconds(text: str | float) -> float:
    """Seconds of a duration as written; a number without a unit is seconds, ``never`` is infinity.

    A month has 30 days, a year 365.25. Raises ValueError for anything else, for what is empty and for what is too big
    to be a time.
    """
    if not isinstance(text, str):
        text = f"{text:f}"
    words = text.strip().lower()
    if words == "never":
        return math.inf
    if len(words) > _LONGEST:
        raise ValueError(text)
    clock = _CLOCK.fullmatch(words)
    if clock:
        hours, minutes, rest = clock.groups()
        return _checked(int(hours or 0) * 3600 + int(minutes) * 60 + float(rest), text)
    return _checked(sum(_amounts(words, text)), text)


def _checked(total: float, text: str) -> float:
    if not total < 1e11:  # three thousand years
        raise ValueError(text)
    return float(total)


def _amounts(words: str, text: str) -> list[float]:
    """Every number times its unit; a number without a unit is seconds."""
    amounts: list[float] = []
    number: float | None = None
    at = 0
    while at < len(words):
        found = _TOKEN.match(words, at)
        if found is None:
            raise ValueError(text)
        at = found.end()
        digits, word = found.groups()
        if digits or word in _NUMBERS:
            value = float(digits) if digits else float(_NUMBERS[word])
            if number is not None and not (word and number % 10 == 0 and number >= 20 and value < 10):
                amounts.append(number)
                number = value
            else:
                number = (number or 0.0) + value
        elif word in _UNITS and number is not None:
            amounts.append(number * _UNITS[word])
            number = None
        elif word and word not in _JOINERS:
            raise ValueError(text)
    if number is not None:
        amounts.append(number)
    if not amounts:
        raise ValueError(text)
    return amounts
