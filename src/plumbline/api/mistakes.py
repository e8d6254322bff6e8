"""What is wrong with a request, in words of ours: the part of it, what was expected, in the caller's language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import Text, t

if TYPE_CHECKING:
    from collections.abc import Callable

_PLACE = re.compile(r"(?P<what>.*?)(?: - at `(?P<place>[^`]*)`)?", re.DOTALL)


def told(error: object) -> Text:
    """The sentence for what msgspec says of a value; its own words where we have none."""
    found = _PLACE.fullmatch(str(error))
    assert found is not None
    what, place = found["what"], (found["place"] or "").removeprefix("$.").removeprefix("$")
    sentence = next(
        (make(match) for form, make in _SENTENCES if (match := form.fullmatch(what))), t("{what}", what=what)
    )
    return t("{place}: {what}", place=place, what=sentence) if place else sentence


def _form(
    pattern: str, make: Callable[[re.Match[str]], Text]
) -> tuple[re.Pattern[str], Callable[[re.Match[str]], Text]]:
    return re.compile(pattern, re.DOTALL), make


_SENTENCES = (
    _form(
        r"Expected `(.+)`, got `(.+)`",
        lambda found: t("{wanted} is expected, not {given}", wanted=found[1], given=found[2]),
    ),
    _form(r"Object missing required field `(.+)`", lambda found: t("the field '{name}' is missing", name=found[1])),
    _form(r"Object contains unknown field `(.+)`", lambda found: t("there is no field '{name}' here", name=found[1])),
    _form(
        r"Invalid enum value (.+)", lambda found: t("{value} is none of the values that are possible", value=found[1])
    ),
    _form(
        r"Expected `(?:str|bytes)` matching regex .*",
        lambda _found: t("it has a character, or a form, that is not allowed here"),
    ),
    _form(
        r"Expected `\w+` of length <= (\d+)",
        lambda found: t("it is too long; {count} are allowed", count=found[1]),
    ),
    _form(
        r"Expected `\w+` of length >= (\d+)",
        lambda found: t("it is too short; {count} are needed", count=found[1]),
    ),
    _form(
        r"Expected `\w+` (>=|<=|>|<) (-?[\d.]+)",
        lambda found: t("it has to be {sign} {limit}", sign=found[1], limit=found[2]),
    ),
    _form(r"Input data was truncated", lambda _found: t("the JSON ends too early")),
    _form(
        r"JSON is malformed: (.+) \(byte (\d+)\)",
        lambda found: t("this is not JSON, from byte {byte} on", byte=found[2]),
    ),
)
