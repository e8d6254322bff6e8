"""Text in columns, where a Chinese character is two cells wide."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


_NARROWEST = 12  # cells of a column that gives way
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def marked(text: str) -> str:
    """Signs that turn what follows them as their code points: a terminal has nothing that would end them."""
    return text if text.isascii() else _TURNING.sub(_code_point, text)


def _code_point(found: re.Match[str]) -> str:
    return f"<U+{ord(found[0]):04X}>"


def cells(text: str) -> int:
    """How many terminal cells a text takes. ANSI colours must not be in it."""
    if text.isascii():
        return len(text)
    return sum(_cell(character) for character in text)


def _cell(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def pad(text: str, width: int) -> str:
    """The text with spaces up to ``width`` cells."""
    return text + " " * (width - cells(text))


def cut(text: str, width: int) -> str:
    """At most ``width`` cells; what is too long ends in an ellipsis."""
    if cells(text) <= width:
        return text
    taken, room = [], width - 1
    for character in text:
        room -= _cell(character)
        if room < 0:
            break
        taken.append(character)
    return "".join(taken) + "…" if width > 0 else ""


def table(
    head: Sequence[object],
    rows: Sequence[Sequence[object]],
    *,
    right: frozenset[int] = frozenset(),
    limit: int = 60,
    width: int = 0,
) -> list[str]:
    """Lines of a table with a heading; ``right`` columns are aligned right, cells are cut at ``limit``.

    ``width``: cells that a line may take (0: any number); the widest column gives way. The last column is never cut.
    """
    last = len(head) - 1
    drawn = [
        [_cell_of(cell) if column == last else cut(_cell_of(cell), limit) for column, cell in enumerate(row)]
        for row in (head, *rows)
    ]
    widths = [max(cells(row[column]) for row in drawn) for column in range(len(head))]
    excess = sum(widths) + 2 * last - width
    if width and excess > 0 and last:
        widest = max(range(last), key=lambda column: widths[column])
        widths[widest] = max(_NARROWEST, widths[widest] - excess)
        for row in drawn:
            row[widest] = cut(row[widest], widths[widest])
    return [
        "  ".join(
            " " * (width - cells(cell)) + cell if column in right else pad(cell, width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in drawn
    ]


def _cell_of(value: object) -> str:
    return _CONTROLS.sub(_code_point, marked(str(value)))
