"""The fonts of a PDF: those that lie beside this file, and others of this machine for what those lack.

Others are taken only where a report has a character that needs one. Nothing is loaded from elsewhere.
"""

from __future__ import annotations

import os
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from plumbline.adapters.renderers.coverage import SUFFIXES, coverage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOLDERS = "PLUMBLINE_FONTS"  # environment: folders with fonts, as in PATH, looked at before those of the system
SHIPPED = Path(__file__).parent / "fonts"
_MOST_FILES = 5000  # of all folders: more fonts nobody has
_PREFERRED = ("cjksc", "sanssc", "sanscjk", "hansans", "hei")  # in names of files: Chinese, without serifs
_BOLD = (("Regular", "Bold"), ("regular", "bold"))


def shipped(code: int) -> bool:
    """Whether our own fonts have a glyph: both have the same."""
    return code in coverage(str(_own()))


@cache
def _own() -> Path:
    return SHIPPED / "NotoSansSC-Regular.ttf"


def further(codes: Iterable[int]) -> tuple[tuple[str, ...], frozenset[int]]:
    """Files of fonts that have these characters, as few as do, and the characters that no font has."""
    missing, chosen = set(codes), []
    for path in _installed() if missing else ():
        known = coverage(path)
        found = {code for code in missing if code in known}
        if found:
            chosen.append(path)
            chosen += [bold for one, other in _BOLD if (bold := _beside(path, one, other)) and os.path.exists(bold)]
            missing -= found
        if not missing:
            break
    return tuple(chosen), frozenset(missing)


def _beside(path: str, old: str, new: str) -> str:
    folder, name = os.path.split(path)
    return os.path.join(folder, name.replace(old, new)) if old in name else ""


def _installed() -> list[str]:
    """The same order each time: what was set first, then Chinese without serifs, then the rest."""
    configured = list(islice(_files(_configured()), _MOST_FILES))
    system = sorted(islice(_files(_of_system()), _MOST_FILES), key=_preference)
    return [*sorted(configured, key=_preference), *system]


def _preference(path: str) -> tuple[int, bool, str]:
    name = os.path.basename(path).lower().replace("-", "").replace(" ", "")
    return min((at for at, one in enumerate(_PREFERRED) if one in name), default=len(_PREFERRED)), "bold" in name, path


def _files(folders: Iterable[str]) -> Iterator[str]:
    for folder in folders:
        for inside, _, names in os.walk(folder):
            yield from (os.path.join(inside, name) for name in names if name.lower().endswith(SUFFIXES))


def _configured() -> list[str]:
    return [one for one in os.environ.get(FOLDERS, "").split(os.pathsep) if one]


def _of_system() -> list[str]:
    """Where fontconfig and macOS look by themselves."""
    home = Path.home()
    data = os.environ.get("XDG_DATA_HOME") or str(home / ".local" / "share")
    shared = (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    folders = [os.path.join(one, "fonts") for one in (data, *shared)]
    return [*folders, str(home / ".fonts"), str(home / "Library/Fonts"), "/Library/Fonts", "/System/Library/Fonts"]
