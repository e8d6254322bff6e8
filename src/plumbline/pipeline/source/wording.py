"""Words for problems: what was found, what would have been right, what was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import Text, t

if TYPE_CHECKING:
    from collections.abc import Collection

_SHOWN = 60  # characters of a value in a message
_LONGEST = 300  # characters of anything that stands in a message
_MOST_HINTS = 20  # looking for a similar word takes tens of milliseconds where there are a thousand
_MOST_WORDS = 5000


def describe(value: Any) -> Text:
    """What a value is, for a message."""
    if value is None:
        return t("nothing")
    if isinstance(value, bool):
        return t("the truth value {value}", value="true" if value else "false")
    if isinstance(value, int) and abs(value) >= 10**18:
        return t("a number of more than 18 digits")
    if isinstance(value, (int, float)):
        return t("the number {value}", value=value)
    if isinstance(value, str):
        return t("the text {value}", value=quoted(value))
    if isinstance(value, dict):
        return t("a map")
    if isinstance(value, list):
        return t("a list")
    return t("an unresolved !reference")


def quoted(value: str) -> str:
    """A text in quotes, cut where it is long."""
    line = value.replace("\n", "\\n")
    return f'"{line[:_SHOWN]}…"' if len(line) > _SHOWN else f'"{line}"'


def choices(words: Collection[str]) -> str:
    """Words in a row."""
    return ", ".join(words)


def did_you_mean(word: str, words: Collection[str]) -> Text | None:
    """A hint at the nearest word, if one is near."""
    from difflib import get_close_matches

    if len(word) > _SHOWN:
        return None
    longer = [other for other in words if len(word) > 2 and other.startswith(word)]
    near = longer[:1] or get_close_matches(word, list(words), n=1)
    return t("did you mean {word}?", word=near[0]) if near else None


class Hints:
    """Hints at the nearest word, as long as they are cheap: the first few of a configuration, among not too many."""

    def __init__(self) -> None:
        self._left = _MOST_HINTS

    def near(self, word: str, words: Collection[str]) -> Text | None:
        """As :func:`did_you_mean`."""
        self._left -= 1
        return did_you_mean(word, words) if self._left >= 0 and len(words) < _MOST_WORDS else None


def shortened(text: Text) -> Text:
    """The same message, with values that are too long to be read cut."""
    if all(not isinstance(value, str) or len(value) <= _LONGEST for value in text.values.values()):
        return text
    values = {name: cut(value) if isinstance(value, str) else value for name, value in text.values.items()}
    return Text(text.msgid, values, plural=text.plural, count=text.count)


def cut(text: str) -> str:
    """A text, without what comes after a reasonable length."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
