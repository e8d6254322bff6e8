"""What a built-in check is: a pure function from parameters and facts to what it found, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from plumbline.kernel import Text
from plumbline.model.gate import Outcome
from plumbline.model.words import Words

Values = Mapping[str, Any]  # facts, or parameters, by name; none of them is missing


class Takes(StrEnum):
    """What a parameter is."""

    NUMBER = "number"
    COUNT = "count"
    SHARE = "share"  # a number from 0 to 100, in percent
    FLAG = "flag"
    WORD = "word"
    WORDS = "words"


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """``standard`` None: it has to be given."""

    name: str
    takes: Takes
    about: Text
    standard: Any = None
    choices: tuple[str, ...] = ()  # of words; empty: any
    stricter: int = 0  # 1: a larger number asks for more, -1: a smaller one does, 0: neither


class Found(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``reason``: what is wrong, with the figures; None where nothing is."""

    outcome: Outcome
    reason: Words | None = None
    detail: str = ""  # a short code


GOOD = Found(outcome=Outcome.PASS)


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """``needs``: the facts that these parameters take; where one is missing, ``look`` is not asked at all and the
    outcome is NO_DATA. Who changes what it finds raises ``version``: evaluations name it."""

    title: Text
    about: Text  # in one or two sentences, for the reference
    parameters: tuple[Parameter, ...] = ()
    needs: Callable[[Values], tuple[str, ...]]
    look: Callable[[Values, Values], Found]  # parameters, facts
    remedy: Words
    version: int = 1
    faults: Callable[[Values], tuple[tuple[str, Text], ...]] = lambda _: ()  # parameter, what is wrong with it


def failed(en: str, zh: str, detail: str = "") -> Found:
    return Found(outcome=Outcome.FAIL, reason=Words(en=en, zh=zh), detail=detail)


def no_data(en: str, zh: str, detail: str) -> Found:
    return Found(outcome=Outcome.NO_DATA, reason=Words(en=en, zh=zh), detail=detail)


def figure(number: float) -> str:
    """As people write it: ``80``, ``79.6``. Never rounded to the limit that it misses: ``79.996``."""
    if float(number).is_integer():
        return str(int(number))
    for digits in (1, 2, 3, 4):
        if not float(shown := f"{number:.{digits}f}").is_integer():
            return shown
    return repr(float(number))


def some(names: tuple[str, ...], most: int = 10) -> str:
    """Names in a row; of many the first."""
    shown = ", ".join(names[:most])
    return f"{shown}, … ({len(names)})" if len(names) > most else shown
