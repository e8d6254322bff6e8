"""Text of others stands by itself: letters that run from right to left, and signs that turn what follows them, move
nothing of the page around it.

What a template shows between tags is isolated by itself. What stands in a tag (``value``, ``href``) is left as it is,
as is what can hold no element: texts of forms, scripts and drawings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jinja2 import Undefined
from jinja2.ext import Extension
from jinja2.lexer import Token
from markupsafe import Markup

from plumbline.kernel import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jinja2.lexer import TokenStream

_TURNS = re.compile(
    "[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc"
    "\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_OPEN, _CLOSE = "\u2066\u2067\u2068", "\u2069"
_SIGN = re.compile(r"</?([a-z]+)|[\"'>]", re.IGNORECASE)
_NO_ELEMENTS = frozenset({"title", "textarea", "script", "style", "svg"})


def isolated(value: object) -> object:
    """What a page shows, in ``<bdi>`` where it could move what stands around it."""
    if value is None or isinstance(value, int | float | Undefined) or hasattr(value, "__html__"):
        return value
    text = str(value.map(enclosed)) if isinstance(value, Text) else str(value)
    return Markup("<bdi>{}</bdi>").format(text) if _turns(text) else text


def held(value: object) -> object:
    """The same where no element may be."""
    return enclosed(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def enclosed(value: str) -> str:
    """A value of a sentence, enclosed by signs where elements cannot be: it ends for itself alone."""
    if not _turns(value):
        return value
    inner, depth = [], 0
    for sign in value:
        if sign == _CLOSE and not depth:
            continue  # it would end what encloses it
        depth += (sign in _OPEN) - (sign == _CLOSE)
        inner.append(sign)
    return f"\u2068{''.join(inner)}{_CLOSE * (depth + 1)}"


def _turns(text: str) -> bool:
    return not text.isascii() and _TURNS.search(text) is not None


class Isolating(Extension):
    """Puts :func:`isolated` around what a template shows between tags, and :func:`held` in the title of the page."""

    priority = 101  # after the one that translates

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        place, around, before = _Place(), "", ""
        for token in stream:
            if token.type == "data":
                place.read(token.value)
            elif token.type == "name":
                place.note(before, token.value)
            if token.type == "variable_begin":
                around = place.around
                yield token
                if around:
                    yield Token(token.lineno, "name", around)
                    yield Token(token.lineno, "lparen", "(")
            else:
                if token.type == "variable_end" and around:
                    yield Token(token.lineno, "rparen", ")")
                yield token
            before = token.value


class _Place:
    """Where a template stands, by what was read of it so far."""

    def __init__(self) -> None:
        self._tag, self._quote, self._depth = False, "", 0
        self._title = False  # in the block that makes the title of the page

    @property
    def around(self) -> str:
        """The function around what is shown here; empty: none."""
        if self._title:
            return "held"
        return "" if self._tag or self._depth else "isolated"

    def note(self, before: str, word: str) -> None:
        if before == "block":
            self._title = word == "title"
        elif word == "endblock":
            self._title = False

    def read(self, data: str) -> None:
        for found in _SIGN.finditer(data):
            sign = found[0]
            if self._quote:
                self._quote = "" if sign == self._quote else self._quote
            elif self._tag:
                self._quote = sign if sign in "\"'" else ""
                self._tag = sign != ">"
            elif found[1]:
                self._tag = True
                if found[1].lower() in _NO_ELEMENTS:
                    self._depth += -1 if sign.startswith("</") else 1
