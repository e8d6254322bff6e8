"""Regular expressions as GitLab takes them from users: RE2, and ``/…/flags`` around them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.kernel import Text

_SLASHES = re.compile(r"^/(.*)/([ismU]*)$", re.MULTILINE)


class RegexError(ValueError):
    """RE2 does not take the pattern; ``message`` says why."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


class Regex:
    """A compiled RE2 pattern. Time is linear in the text, whatever the pattern."""

    __slots__ = ("_compiled", "pattern")

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._compiled = _re2(pattern)

    def found_in(self, text: str) -> bool:
        """Whether it matches anywhere in ``text``."""
        return self._compiled.search(text.encode("utf-8", "replace")) is not None


def has_slashes(text: str) -> bool:
    """Whether ``text`` looks like ``/…/flags``; what stands between need not be valid."""
    return _SLASHES.search(text) is not None


@lru_cache(maxsize=4096)
def regex(pattern: str) -> Regex:
    """Compile a bare RE2 pattern; raises :class:`RegexError`."""
    return Regex(pattern)


@lru_cache(maxsize=4096)
def slashed_regex(text: str) -> Regex:
    """Compile ``/…/flags``, flags of ``i``, ``s``, ``m``, ``U``; raises :class:`RegexError`."""
    found = _SLASHES.search(text)
    if found is None:
        raise RegexError(t("a regular expression stands between slashes: /.../"))
    body, flags = found.groups()
    return regex(f"(?{flags}){body}" if flags else body)


@lru_cache(maxsize=1)
def _options() -> Any:
    import re2  # takes 10 ms, and most pipelines need it late or never

    options = re2.Options()
    options.log_errors = False
    return options


def _re2(pattern: str) -> Any:
    import re2

    try:
        return re2.compile(pattern.encode("utf-8", "replace"), _options())
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        if isinstance(reason, bytes):
            reason = reason.decode("utf-8", "replace")
        raise RegexError(t("not a valid RE2 regular expression: {reason}", reason=reason)) from None
