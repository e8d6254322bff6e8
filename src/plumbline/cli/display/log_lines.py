"""Lines of a job's log as they may be shown: without section marks, and without control sequences unless wanted."""

from __future__ import annotations

import re

_SECTION = re.compile(r"section_(?:start|end):\d+:[^\r\x1b\s]*(?:\r|\x1b\[0K)*")
_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
_NOT_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-ln-z]|\x1b\][^\x07]*\x07")


def clean(line: str) -> str:
    """Text alone: no colours, no section marks, no control characters, and of overwritten text only the last."""
    if line.isprintable():
        return line
    text = _SEQUENCE.sub("", _last(line))
    return "".join(character for character in text if character.isprintable() or character == "\t")


def coloured(line: str) -> str:
    """The same with its colours."""
    if line.isprintable():
        return line
    text = _NOT_COLOUR.sub("", _last(line))
    return "".join(character for character in text if character.isprintable() or character in "\t\x1b")


def is_mark(line: str) -> bool:
    """Whether the line only begins or ends a section."""
    return "section_" in line and not clean(line)


def _last(line: str) -> str:
    """What is left of a line after the carriage returns in it (a progress bar writes over itself)."""
    return _SECTION.sub("", line).rstrip("\r").rsplit("\r", 1)[-1]
