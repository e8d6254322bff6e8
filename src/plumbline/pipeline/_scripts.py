"""The lines of ``script`` and its relatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.pipeline.scalar_texts import is_scalar

if TYPE_CHECKING:
    from plumbline.pipeline.reading import Reading


def read_lines(reading: Reading, *, lowest: int = 0) -> tuple[str, ...]:
    """One command, or a list of commands that may hold lists."""
    value = reading.value
    if type(value) is list or isinstance(value, list):
        if len(value) >= lowest and all(type(line) is str for line in value):
            return tuple(value)
        return reading.strings(nested=True, lowest=lowest, check=_check_line)
    if isinstance(value, str):
        return (reading.string(empty=not lowest),)
    reading.wrong_type(t("a command or a list of commands"), t("put it in quotes") if is_scalar(value) else None)
    return ()


def _check_line(reading: Reading) -> None:
    value = reading.value
    if isinstance(value, str):
        return
    hint = None
    if isinstance(value, dict):
        hint = t("a colon followed by a space makes a map; put the whole command in quotes")
    elif is_scalar(value):
        hint = t("put it in quotes")
    reading.wrong_type(t("a command"), hint)
