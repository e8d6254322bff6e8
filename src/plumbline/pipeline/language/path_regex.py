"""Regular expressions for paths (``changes:regexp``, ``exists:regexp``), which GitLab reads as Ruby does.

Ruby's engine can take for ever, so RE2 does the work. What such patterns mostly need beyond it is "not under this
folder", ``\\A(?!docs/)``: a look-ahead at the start is a second expression that must match there, or must not.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import t
from plumbline.pipeline.language.regex import RegexError, regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.pipeline.language.regex import Regex

MAX_LENGTH = 255  # characters, with the variables replaced
_STARTS = (r"\A", "^")
_LOOKS = ("(?=", "(?!")
_LINES = "(?m)"  # as in Ruby, ^ and $ are the ends of lines


class PathRegex(NamedTuple):
    """What is left of the pattern behind its look-aheads, and those: whether each must match, and with what."""

    rest: Regex
    start: str
    looks: tuple[tuple[bool, Regex], ...]

    def found_in(self, text: str) -> bool:
        """Whether it matches anywhere in ``text``; behind ``\\A`` at its start, behind ``^`` at that of a line."""
        if not self.looks:
            return self.rest.found_in(text)
        return any(
            self.rest.found_in(part) and all(look.found_in(part) is wanted for wanted, look in self.looks)
            for part in self._parts(text)
        )

    def _parts(self, text: str) -> Iterator[str]:
        yield text
        at = text.find("\n") if self.start == "^" else -1
        while at >= 0:
            yield text[at + 1 :]
            at = text.find("\n", at + 1)


@lru_cache(maxsize=1024)
def path_regex(pattern: str) -> PathRegex:
    """Compile a pattern; raises :class:`RegexError` for what RE2 does not take, but for look-aheads at the start."""
    start = next((start for start in _STARTS if pattern.startswith(start)), "")
    rest = pattern.removeprefix(start)
    looks = []
    while start and rest.startswith(_LOOKS):
        end = _end(rest)
        if end == len(rest):
            return PathRegex(regex(pattern), "", ())  # a parenthesis is missing, which RE2 says
        looks.append((rest[2] == "=", regex(rf"{_LINES}\A(?:{rest[3:end]})")))
        rest = rest[end + 1 :]
    if not looks:
        return PathRegex(regex(_LINES + pattern), "", ())
    if _end(rest, "|") < len(rest):
        raise RegexError(t("an alternative beside a look-ahead cannot be worked out: put it in parentheses"))
    return PathRegex(regex(rf"{_LINES}\A(?:{rest})"), start, tuple(looks))


def _end(pattern: str, wanted: str = ")") -> int:
    """Where the group that the pattern begins with ends, or where there is a bar outside of all groups; the length of
    the pattern where that is nowhere."""
    depth = 0
    inside = escaped = False  # of a class of characters; behind a backslash
    for at, char in enumerate(pattern):
        if escaped or char == "\\":
            escaped = not escaped
        elif inside or char == "[":
            inside = char != "]"
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if not depth and wanted == ")":
                return at
        elif char == wanted and not depth:
            return at
    return len(pattern)
