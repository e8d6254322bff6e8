"""Sentences that people read: kept as a message and its values, rendered in the reader's language at the very end."""

from __future__ import annotations

import gettext
import re
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LANGUAGES = ("en", "zh_CN")
_DOMAIN = "plumbline"
_LONE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_language: ContextVar[str] = ContextVar("language", default="en")


class Text:
    """A message id with its values; ``str()`` renders it in the current language.

    Equal when message and values are equal, so that texts can be compared in tests without rendering.
    A value may itself be a :class:`Text`; it is rendered in the same language.
    """

    __slots__ = ("count", "msgid", "plural", "values")

    def __init__(
        self, msgid: str, values: dict[str, object] | None = None, *, plural: str = "", count: int | None = None
    ) -> None:
        self.msgid = msgid
        self.values = values or {}
        self.plural = plural
        self.count = count

    def render(self, code: str) -> str:
        """The sentence in one language (a member of :data:`LANGUAGES`; English when unknown)."""
        catalogue = _catalogue(code)
        if self.count is not None:
            template = catalogue.ngettext(self.msgid, self.plural, self.count)
        else:
            template = catalogue.gettext(self.msgid) if self.msgid else ""
        if not self.values:
            return template
        return template.format(**{k: v.render(code) if isinstance(v, Text) else v for k, v in self.values.items()})

    def map(self, change: Callable[[str], str]) -> Text:
        """The same sentence with every value changed; one that is neither a number nor a text is changed as it
        prints."""
        values: dict[str, object] = {
            name: value.map(change)
            if isinstance(value, Text)
            else value
            if isinstance(value, int | float)
            else change(str(value))
            for name, value in self.values.items()
        }
        return Text(self.msgid, values, plural=self.plural, count=self.count)

    def __str__(self) -> str:
        return self.render(_language.get())

    def __repr__(self) -> str:
        return f"Text({self.render('en')!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Text):
            return NotImplemented
        return (self.msgid, self.values, self.count) == (other.msgid, other.values, other.count)

    def __hash__(self) -> int:
        return hash(self.msgid)


def legible(text: str) -> str:
    """The same, fit for whatever takes UTF-8 alone. Bytes that were no text (a path, a name of git's) are kept in
    Python as lone surrogates; here they stand as ``\\xe9``."""
    if text.isascii():
        return text
    whole = text.encode("utf-8", "surrogateescape" if not _LONE.search(text) else "surrogatepass")
    return whole.decode("utf-8", "backslashreplace")


def t(msgid: str, /, **values: object) -> Text:
    """Mark a sentence for translation. Values stand in it as ``{name}``; a brace without values is literal."""
    return Text(msgid, values)


def nt(msgid: str, plural: str, count: int, /, **values: object) -> Text:
    """The same for a sentence with a number, which stands in it as ``{count}``."""
    return Text(msgid, {"count": count, **values}, plural=plural, count=count)


def listed(titles: Mapping[str, Text]) -> Text:
    """Names with their titles, one after the other."""
    found = {
        f"n{number}": t("{place}: {what}", place=name, what=title)
        for number, (name, title) in enumerate(titles.items())
    }
    return Text("; ".join(f"{{{key}}}" for key in found), dict(found))


def translated(msgid: str) -> str:
    """A sentence without values in the current language."""
    return _catalogue(_language.get()).gettext(msgid) if msgid else ""


def language() -> str:
    """The language texts are rendered in now."""
    return _language.get()


def use_language(code: str) -> str:
    """Render in this language from here on; ``zh``, ``zh_CN.UTF-8`` and ``zh-Hans`` all mean Simplified Chinese.

    Returns the member of :data:`LANGUAGES` that was chosen.
    """
    chosen = "zh_CN" if code.lower().startswith("zh") else "en"
    _language.set(chosen)
    return chosen


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Render in this language inside the block."""
    token = _language.set("zh_CN" if code.lower().startswith("zh") else "en")
    try:
        yield
    finally:
        _language.reset(token)


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    if code == "en":
        return gettext.NullTranslations()
    folder = __file__.rpartition("/kernel/")[0] + "/locale"
    return gettext.translation(_DOMAIN, folder, languages=[code], fallback=True)
