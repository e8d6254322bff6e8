"""Paths in a report, made relative to the repository; what lies outside is said to, and never followed."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from plumbline.reports import limits

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_FILE = re.compile(r"file:(?://[^/]*)?(?=/)", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


class Place(NamedTuple):
    """``path``: relative, with ``/`` between its parts; "" where it lies outside. ``absolute``: it began at the root
    of some machine, and nobody said which folder there is the repository; the path is without that first ``/``."""

    path: str
    outside: bool = False
    absolute: bool = False


def place(said: str, root: str = "") -> Place:
    """Where a path of a report is. ``root``: the folder of the repository on the machine that wrote the report."""
    path, is_absolute = _plain(said)
    parts = _parts(path)
    if parts is None:
        return Place("", outside=True)
    if not is_absolute:
        return Place("/".join(parts))
    if not root:
        return Place("/".join(parts), absolute=True)
    base = _parts(_plain(root)[0]) or []
    if parts[: len(base)] != base or len(parts) == len(base):
        return Place("", outside=True)
    return Place("/".join(parts[len(base) :]))


def _plain(said: str) -> tuple[str, bool]:
    """With ``/`` alone, without a scheme or a drive; and whether it is absolute."""
    path = said.strip()[: limits.NAME * 4]
    if found := _FILE.match(path):
        path = unquote(path[found.end() :])
        if _DRIVE.match(path, 1):
            path = path[1:]
    elif _SCHEME.match(path):
        return "../" + path, False  # another machine's
    if _DRIVE.match(path):
        return path[2:].replace("\\", "/"), True
    path = path.replace("\\", "/")
    return path, path.startswith("/")


def _parts(path: str) -> list[str] | None:
    """None where it climbs out."""
    parts: list[str] = []
    for part in path.replace("\0", "\ufffd").split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return parts if sum(map(len, parts)) <= limits.NAME else None
