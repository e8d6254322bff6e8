"""How deeply JSON is nested. A parser gives up where its stack ends, here sooner and there later: what a ledger says
must not depend on where it is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
MOST_NESTED = 100  # objects and lists within each other in an event
_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_strings, _tokens = re.compile(_STRING, re.DOTALL), re.compile(_STRING + rb"|[][{}]", re.DOTALL)
_AS_LISTS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))


def too_deep(body: bytes) -> bool:
    if body.count(b"{") + body.count(b"[") <= MOST_NESTED:
        return False
    brackets = _strings.sub(b"", body).translate(_AS_LISTS, _NO_BRACKET)
    for _ in range(MOST_NESTED):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")  # takes the innermost away
    return bool(brackets)


def near_the_top(read: Callable[[bytes], T], body: bytes) -> T:
    """What is read of an event that was taken in before there was a limit: of names in its objects nothing is lost."""
    try:
        return read(body)
    except RecursionError:
        return read(_without_depths(body, 2))


def _without_depths(body: bytes, levels: int) -> bytes:
    """JSON with a null for every object and list below so many levels."""
    kept, depth, end = list[bytes](), 0, 0
    for token in _tokens.finditer(body):
        if token[0] in (b"{", b"["):
            if depth == levels:
                kept.append(body[end : token.start()] + b"null")
            depth += 1
        elif token[0] in (b"}", b"]"):
            depth -= 1
            if depth == levels:
                end = token.end()
    return b"".join([*kept, body[end:]])
