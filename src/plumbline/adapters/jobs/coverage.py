"""``coverage``: the percentage in the last line of a log that matches, found while the log passes by."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_NUMBER = re.compile(rb"\d+(?:\.\d+)?")
_LONGEST = 64 * 1024  # bytes of a line that are looked at


class CoverageFinder:
    """Feed it a log; :attr:`percent` is what GitLab would report. Memory is bounded by one line of 64 KiB.

    ``pattern`` is RE2 without its slashes. Raises ValueError where it is not valid.
    """

    __slots__ = ("_line", "_line_pattern", "_quick", "percent")

    def __init__(self, pattern: str) -> None:
        self._line_pattern, self._quick = _compiled(pattern)
        self._line = b""
        self.percent: float | None = None

    def feed(self, data: bytes) -> None:
        head, newline, tail = data.rpartition(b"\n")
        if newline:
            self._look(self._line + head)
            self._line = tail[-_LONGEST:]
        else:
            self._line = (self._line + tail)[-_LONGEST:]

    def finish(self) -> float | None:
        """The percentage, the last line without a line end included."""
        self._look(self._line)
        self._line = b""
        return self.percent

    def _look(self, lines: bytes) -> None:
        if b"\r" in lines:
            lines = lines.replace(b"\r\n", b"\n").removesuffix(b"\r")
        if self._quick is not None and not self._quick.search(lines):
            return
        for line in reversed(lines.split(b"\n")):
            found = self._in_line(line[:_LONGEST])
            if found is not None:
                self.percent = found
                return

    def _in_line(self, line: bytes) -> float | None:
        last: bytes | None = None
        for match in self._line_pattern.finditer(line):
            groups = [group for group in match.groups() if group is not None]
            last = groups[-1] if groups else match.group()
        number = _NUMBER.search(last) if last is not None else None
        return float(number.group()) if number else None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> tuple[Any, Any]:
    """The pattern for one line, and one that tells quickly whether any line of many matches (None: cannot be had)."""
    import re2  # here, because it takes 10 ms and few jobs need it

    options = re2.Options()
    options.log_errors = False
    try:
        line = re2.compile(pattern.encode(), options)
        quick = None if "\\A" in pattern or "\\z" in pattern else re2.compile(b"(?m)" + pattern.encode(), options)
    except re2.error as error:
        raise ValueError(str(error)) from None
    return line, quick
