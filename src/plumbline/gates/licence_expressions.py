"""Licence expressions of SPDX: whether one can be satisfied by licences that are allowed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TOKEN = re.compile(r"[()]|[^\s()]+")
_DEEPEST = 50


def satisfied(expression: str, allowed: Callable[[str], bool]) -> bool:
    """``A OR B``: one of them; ``A AND B``: both; ``A WITH exception``: A. ``AND`` binds closer. The name of a licence
    in words, which is no expression, is held against the list as it stands; what cannot be read is not satisfied."""
    if allowed(expression.strip()):
        return True
    tokens = _TOKEN.findall(expression)
    if not {"OR", "AND", "WITH", "("} & {one.upper() for one in tokens}:
        return False
    reading = _Reading(tokens, allowed)
    try:
        found = reading.any(0)
    except ValueError:
        return False
    return found and reading.done


class _Reading:
    def __init__(self, tokens: list[str], allowed: Callable[[str], bool]) -> None:
        self._tokens, self._at, self._allowed = tokens, 0, allowed

    @property
    def done(self) -> bool:
        return self._at == len(self._tokens)

    def _next(self, *words: str) -> bool:
        if not self.done and self._tokens[self._at].upper() in words:
            self._at += 1
            return True
        return False

    def any(self, depth: int) -> bool:
        if depth > _DEEPEST:
            raise ValueError
        found = self._all(depth)
        while self._next("OR"):
            found = self._all(depth) or found
        return found

    def _all(self, depth: int) -> bool:
        found = self._one(depth)
        while self._next("AND"):
            found = self._one(depth) and found
        return found

    def _one(self, depth: int) -> bool:
        if self._next("("):
            found = self.any(depth + 1)
            if not self._next(")"):
                raise ValueError
            return found
        licence = self._name()
        found = self._allowed(licence)
        if self._next("WITH"):
            found = self._allowed(f"{licence} WITH {self._name()}") or found
        return found

    def _name(self) -> str:
        if self.done or self._tokens[self._at].upper() in ("OR", "AND", "WITH", "(", ")"):
            raise ValueError
        self._at += 1
        return self._tokens[self._at - 1]
