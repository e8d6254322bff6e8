"""TOML as tools write lock files, read several times as fast as by Python's own reader. That one takes over wherever a
text is anything but plain: a string of another kind, a comment, a date, a name that stands twice."""

from __future__ import annotations

import re
from typing import Any

import msgspec

_STRING = re.compile(r'("(?:[^"\\\n]|\\["\\bfnrt])*")')
_STATEMENT = re.compile(
    r"""(?:\[\[(?P<array>[\w.-]+)\]\]
        |\[(?P<table>[\w.-]+)\]
        |(?P<key>[\w-]+)\ =\ (?P<value>\[\n(?:[^\n]*\n)*?\]|[^\n]+))\n+""",
    re.VERBOSE | re.ASCII,
)
_BEGINS = re.compile(r"(?:#[^\n]*\n|\n)*")  # what the tool says of itself
_KEY = re.compile(r"([A-Za-z0-9_-]+)\s*=\s*")
_LAST_COMMA = re.compile(r",(\s*\])")
_OTHERWISE = re.compile(r"""["'#:\\]|null|[0-9]{15}""")
_decode = msgspec.json.Decoder().decode


class _NotPlainError(Exception):
    pass


def read_plain(text: str) -> dict[str, Any] | None:
    """None where it is not plain, or no TOML at all."""
    if "\x7f" in text or "\r" in text:
        return None
    try:
        return _read(text if text.endswith("\n") else f"{text}\n")
    except (_NotPlainError, msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def _read(text: str) -> dict[str, Any]:
    root: dict[str, Any] = {}
    open_, values = root, dict[str, str]()
    begins = _BEGINS.match(text)
    at = begins.end() if begins else 0
    known: dict[str, str] = {}
    while at < len(text):
        found = _STATEMENT.match(text, at)
        if found is None:
            raise _NotPlainError
        at = found.end()
        key = found["key"]
        if key is None:
            _close(open_, values)
            open_, values = _table(root, found["array"] or found["table"], several=found["array"] is not None), {}
            continue
        if key in values:
            raise _NotPlainError
        values[key] = _as_json(found["value"], known)
    _close(open_, values)
    return root


def _close(table: dict[str, Any], values: dict[str, str]) -> None:
    if values:
        read = _decode("{" + ",".join(f'"{key}":{value}' for key, value in values.items()) + "}")
        if table.keys() & read.keys():
            raise _NotPlainError
        table.update(read)


def _table(root: dict[str, Any], name: str, *, several: bool) -> dict[str, Any]:
    """The new table of a heading, inside the last one of each name before it."""
    *above, last = name.split(".")
    inside = root
    for part in above:
        found = inside.setdefault(part, {})
        inside = found[-1] if isinstance(found, list) and found else found
        if not isinstance(inside, dict):
            raise _NotPlainError
    made: dict[str, Any] = {}
    if several:
        tables = inside.setdefault(last, [])
        if not isinstance(tables, list):
            raise _NotPlainError
        tables.append(made)
    elif last in inside or not last:
        raise _NotPlainError
    else:
        inside[last] = made
    return made


def _as_json(value: str, known: dict[str, str]) -> str:
    """``known``: signs between strings, as they were written before."""
    if value[0] == '"' and _STRING.fullmatch(value):
        return value
    quote = "" if "\\" in value else '"'
    pieces = value.split('"') if quote else _STRING.split(value)  # without escapes each quote begins or ends a string
    for place in range(0, len(pieces), 2):
        piece = pieces[place]
        made = known.get(piece)
        if made is None:
            if _OTHERWISE.search(piece):
                raise _NotPlainError
            made = known[piece] = _LAST_COMMA.sub(r"\1", _KEY.sub(r'"\1":', piece))
        pieces[place] = made
    return quote.join(pieces)
