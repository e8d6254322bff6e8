"""Makes visible what would be lost or do harm in a report: characters without a glyph, and those that control.

``⟦U+20BB7⟧`` stands for a character: a PDF shows it as a box with the code point.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.kernel.text import nt

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAMED = 24  # characters that a warning names
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
# What turns the direction of all that follows: a name with it in it would be read as another.
_DIRECTIONS = (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_INVISIBLE = ((0x200B, 0x200D), (0x2060, 0x2064), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xE0100, 0xE01EF))
_ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:u00([01][0-9a-f])|([bf]))")  # in JSON
_BACK = {"b": 0x08, "f": 0x0C}
SPACES = frozenset({0x09, 0x0A, 0x0D})
HARMFUL = frozenset({*_CONTROLS, *_DIRECTIONS}) - SPACES


def mark(text: str, codes: Iterable[int]) -> str:
    """The text with the marks of these characters instead of them."""
    return text.translate({code: _mark(code) for code in codes})


def mark_json(text: str, codes: Iterable[int]) -> str:
    """The same for JSON, in which some controls are written otherwise."""
    found = _ESCAPED.sub(lambda one: one[1] + _mark(int(one[2], 16) if one[2] else _BACK[one[3]]), text)
    return mark(found, codes)


def harmful(text: str) -> frozenset[int]:
    return HARMFUL & frozenset(map(ord, set(text)))


def seen(text: str) -> frozenset[int]:
    """The characters that need a glyph."""
    codes = frozenset(map(ord, set(text))) - HARMFUL - SPACES
    return frozenset(code for code in codes if not any(first <= code <= last for first, last in _INVISIBLE))


def warning(text: str, codes: frozenset[int]) -> str:
    """How often these stand in the text, in the language in use; empty where they are none."""
    if not codes:
        return ""
    count = sum(text.count(chr(code)) for code in codes)
    names = [f"U+{code:04X}" for code in sorted(codes)]
    more = " …" if len(names) > _NAMED else ""
    return str(
        nt("{count} character has no glyph in any font of this machine and is shown by its code point: {names}",
           "{count} characters have no glyph in any font of this machine and are shown by their code points: {names}",
           count, names=str(t(", ")).join(names[:_NAMED]) + more)
    )  # fmt: skip


def _mark(code: int) -> str:
    return f"⟦U+{code:04X}⟧"
