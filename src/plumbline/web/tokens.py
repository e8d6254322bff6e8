"""The tokens of the style sheet, read from it: what a colour is called, what it is in both themes, and how it reads."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_BLOCK = re.compile(r'(:root, \[data-theme="light"\]|\[data-theme="(?:dark|auto)"\]|:root) \{(.*?)\}', re.DOTALL)
_TOKEN = re.compile(r"--([\w-]+):\s*([^;]+);")
_COLOUR = re.compile(r"#[0-9a-f]{3,6}")
# What a text of a colour stands on, where that is not the panel.
_GROUND = {"bar-ink": "bar", "bar-soft": "bar", "accent-ink": "accent", "log-ink": "log"}
_TEXTS = frozenset({"ink", "soft", "accent", "ok", "bad", "busy", "warn", "hand", "rest", "cyan", *_GROUND})


class Colour(NamedTuple):
    """``contrast``: of text of this colour to what it stands on (WCAG 2, from 1 to 21) by theme; none: no text is
    written in it."""

    name: str
    values: dict[str, str]
    ground: str
    contrast: dict[str, float]


@cache
def blocks() -> dict[str, dict[str, str]]:
    """Selector -> name -> value, of every block of the style sheet that defines tokens."""
    sheet = (files("plumbline.web") / "static" / "app.css").read_text("utf-8")
    return {found[1]: dict(_TOKEN.findall(found[2])) for found in _BLOCK.finditer(sheet)}


def colours() -> list[Colour]:
    themes = {"light": blocks()[':root, [data-theme="light"]'], "dark": blocks()['[data-theme="dark"]']}
    found = []
    for name, value in themes["light"].items():
        if not _COLOUR.fullmatch(value):
            continue
        ground = _GROUND.get(name, "panel") if name in _TEXTS else ""
        ratio = {theme: contrast(own[name], own[ground]) for theme, own in themes.items() if ground}
        found.append(Colour(name, {theme: own[name] for theme, own in themes.items()}, ground, ratio))
    return found


def measures() -> dict[str, str]:
    """Spaces, corners and sizes of type."""
    return {name: value for name, value in blocks()[":root"].items() if value.endswith(("rem", "px"))}


def contrast(one: str, other: str) -> float:
    """Of two colours such as ``#fff``."""
    lights = sorted((_light(one), _light(other)), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


def _light(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
