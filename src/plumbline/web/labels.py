"""Names cut in the middle to what fits, never two different ones to the same. Widths are pixels, letters have 13."""

from __future__ import annotations

import unicodedata
from collections import Counter
from itertools import count, takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

_CUT = "…"
_JOINER = "\u200d"
_HEAD = 0.55  # share of the room that the beginning of a name gets
_BEGINNING = 4  # signs of it that are kept where names differ further on


def labels(names: Iterable[str], room: float, taken: Collection[str] = ()) -> dict[str, str]:
    """What to write for each name; nothing of ``taken`` for one that is cut."""
    names = list(dict.fromkeys(names))
    made = {name: name for name in names if width(name) <= room}
    used = {*made, *taken}
    long = {name: clusters(name) for name in names if name not in made}
    for cut in (_in_the_middle(long, room), _where_they_differ(long, room)):
        times = Counter(cut[name] for name in long if name not in made)
        for name in long:
            if name not in made and times[cut[name]] == 1 and cut[name] not in used:
                made[name] = cut[name]
                used.add(cut[name])
    for name, signs in long.items():
        if name not in made:
            made[name] = next(one for one in _numbered(signs, room) if one not in used)
            used.add(made[name])
    return made


def _in_the_middle(long: Mapping[str, list[str]], room: float) -> dict[str, str]:
    return {name: _cut(signs, room) for name, signs in long.items()}


def _where_they_differ(long: Mapping[str, list[str]], room: float) -> dict[str, str]:
    """Their beginnings, and what follows the last sign that each shares with another one."""
    ordered = sorted(long.items(), key=lambda item: item[1])
    found = {}
    for place, (name, signs) in enumerate(ordered):
        beside = ordered[max(0, place - 1) : place] + ordered[place + 1 : place + 2]
        shared = max((_shared(signs, other) for _, other in beside), default=0)
        head = signs[:_BEGINNING] if shared > _BEGINNING else []
        start = max(len(head), shared - 2)
        rest = signs[start:]
        left = room - width("".join(head)) - 2 * _of_cluster(_CUT)
        fits = _fitting(rest, left)
        gap, end = _CUT if start > len(head) else "", _CUT if fits < len(rest) else ""
        found[name] = "".join(head) + gap + "".join(rest[:fits]) + end
    return found


def _shared(signs: list[str], others: list[str]) -> int:
    """How many they begin with alike."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(signs, others, strict=False))
    return sum(1 for _ in alike)


def width(text: str) -> float:
    """A little more than it takes in most fonts."""
    return sum(map(_of_cluster, clusters(text)))


def clusters(text: str) -> list[str]:
    """What is drawn as one sign: a letter with its accents, a picture with what changes it, a flag."""
    found: list[str] = []
    for letter in text:
        last = found[-1] if found else ""
        flag = len(last) == 1 and _is_flag(last) and _is_flag(letter)
        if last and (flag or last.endswith(_JOINER) or _joins(letter)):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def _numbered(signs: list[str], room: float) -> Iterator[str]:
    """They differ in what is cut out alone."""
    for number in count(2):
        end = f" ({number})"
        yield _cut(signs, room - width(end)) + end


def _cut(signs: list[str], room: float) -> str:
    room -= _of_cluster(_CUT)
    head = _fitting(signs, room * _HEAD)
    tail = _fitting(signs[::-1], room - width("".join(signs[:head])))
    return "".join(signs[:head]) + _CUT + "".join(signs[len(signs) - tail :])


def _fitting(signs: list[str], room: float) -> int:
    """How many of the first."""
    for place, sign in enumerate(signs):
        room -= _of_cluster(sign)
        if room < 0:
            return place
    return len(signs)


def _of_cluster(sign: str) -> float:
    first = sign[0]
    if unicodedata.east_asian_width(first) in "WF" or len(sign) > 2:
        return 14.0
    if first in "il.,:;|!'[]()/ fjtI-":
        return 5.2
    if first in "mwMW@%—…":
        return 12.5
    return 9.0 if first.isupper() else 7.7


def _is_flag(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def _joins(letter: str) -> bool:
    """Whether it changes what stands before it."""
    return (
        letter == _JOINER
        or unicodedata.category(letter) in ("Mn", "Mc", "Me")
        or "\U0001f3fb" <= letter <= "\U0001f3ff"
    )
