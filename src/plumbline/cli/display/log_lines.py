"""Lines of a job's log as they may be shown: without section marks, and without control sequences unless wanted."""

from __future__ import annotations

import re
import unicodedata

from plumbline.kernel import visible, without_controls

_SECTION = re.compile(r"section_(?:start|end):\d+:[^\r\x1b\s]*(?:\r|\x1b\[0K)*")


def clean(line: str) -> str:
    """Text alone: no colours, no section marks, no control characters, and of overwritten text only the last."""
    if line.isprintable():
        return line
    return _harmless(visible(_last(line).encode("utf-8", "replace")).decode())


def coloured(line: str) -> str:
    """The same with its colours."""
    if line.isprintable():
        return line
    return _harmless(without_controls(_last(line).encode("utf-8", "replace")).decode())


def is_mark(line: str) -> bool:
    """Whether the line only begins or ends a section."""
    return "section_" in line and not clean(line)


def _last(line: str) -> str:
    """What is left of a line after the carriage returns in it (a progress bar writes over itself). A mark parts what
    stands before it from what stands behind it."""
    parts = [part for part in _SECTION.split(line) if visible(part.encode("utf-8", "replace")).strip()]
    return " ".join(parts).rstrip("\r").rsplit("\r", 1)[-1]


def _harmless(text: str) -> str:
    """Signs that a terminal may take for something else are shown as signs that cannot be shown, never left out: what
    is hidden in a log was looked for with them in it."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in "\t\x1b" else _stand_in(sign) for sign in text)


def _stand_in(sign: str) -> str:
    return " " if unicodedata.category(sign) == "Zs" else "\N{REPLACEMENT CHARACTER}"
