"""Many patterns tried on a text at once, in time that does not grow with their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class Patterns:
    """Named patterns of RE2; compiled when they are first asked."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        self._named = tuple(named)
        self._set: Any = None

    def matching(self, text: str) -> list[str]:
        """The names of the patterns that are found in the text, in the order of the table."""
        if self._set is None:
            self._set = self._compiled()
        if not text.isascii():
            text = text.encode("utf-8", "replace").decode()  # a path may have bytes that are no text
        return [self._named[at][0] for at in sorted(self._set.Match(text) or ())]

    def _compiled(self) -> Any:
        import re2  # takes 10 ms, and few commands look at paths

        found = re2.Set.SearchSet()
        for _, pattern in self._named:
            found.Add(pattern)
        found.Compile()
        return found
