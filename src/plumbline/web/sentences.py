"""Sentences of templates: those without values are translated when a template is compiled, others when it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2.ext import Extension
from jinja2.lexer import Token
from markupsafe import escape

from plumbline.kernel import Text
from plumbline.kernel.text import in_language, translated
from plumbline.web.isolation import enclosed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jinja2.lexer import TokenStream

_WHOLE = ("variable_begin", "name", "lparen", "string", "rparen", "variable_end")  # {{ _("...") }}


class Translated(Extension):
    """Of an environment for one language, its attribute ``plumbline_language``."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        language: str = self.environment.plumbline_language  # type: ignore[attr-defined]
        held: list[Token] = []
        for token in stream:
            held.append(token)
            if token.type != _WHOLE[len(held) - 1] or (token.type == "name" and token.value != "_"):
                yield from _released(held)
            elif len(held) == len(_WHOLE):
                with in_language(language):
                    yield Token(token.lineno, "data", str(escape(translated(held[3].value))))
                held.clear()
        yield from held


def _released(held: list[Token]) -> Iterator[Token]:
    """All that are no beginning of a sentence any more; the last may be the beginning of one."""
    last = held[-1]
    again = [last] if len(held) > 1 and last.type == _WHOLE[0] else []
    yield from held[: len(held) - len(again)]
    held[:] = again


def say(sentence: str, **values: object) -> str:
    """A sentence of a template; values stand in it as ``{name}``."""
    return str(Text(sentence, values).map(enclosed)) if values else translated(sentence)


def say_number(sentence: str, plural: str, count: int, **values: object) -> str:
    return str(Text(sentence, {"count": count, **values}, plural=plural, count=count).map(enclosed))
