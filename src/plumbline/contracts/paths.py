"""Patterns of names and paths, and whether what was looked at takes them in."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

EVERYTHING = "./"
_SIGNS = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_MEANS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> re.Pattern[str]:
    signs = _SIGNS.findall(pattern)
    folded = [sign for at, sign in enumerate(signs) if at == 0 or sign != signs[at - 1] or sign not in _MEANS]
    return re.compile("".join(_MEANS.get(sign) or re.escape(sign) for sign in folded))


def matches(pattern: str, path: str) -> bool:
    """``*`` within a folder, ``**`` across folders, ``?`` one sign."""
    return _pattern(pattern).fullmatch(path) is not None


@lru_cache(maxsize=1024)
def _name_pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in re.split(r"\*+", pattern)))


def matches_name(pattern: str, name: str) -> bool:
    """Of branches and tags: ``*`` is anything, also a stroke."""
    return _name_pattern(pattern).fullmatch(name) is not None


def takes_in(covers: Collection[str], pattern: str) -> bool:
    """Whether something that the pattern means was looked at. What was looked at is a path, a folder (with a stroke at
    its end; ``./``: everything), or itself a pattern."""
    wanted = pattern.removeprefix("./")
    fixed = re.split(r"[*?]", wanted, maxsplit=1)[0]
    folder = fixed.rpartition("/")[0]
    for one in covers:
        if one in (EVERYTHING, "."):
            return True
        path = one.removeprefix("./")
        if path == wanted or matches(wanted, path):
            return True
        above = path.removesuffix("**").removesuffix("*") if path.endswith(("/**", "/*")) else path
        if above.endswith("/") and f"{folder}/".startswith(above):
            return True
    return False
