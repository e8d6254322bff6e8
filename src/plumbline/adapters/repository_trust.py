"""What of a repository's own ``plumbline.toml`` counts.

Whoever may push writes that file, so by itself it only narrows what the user set. The user may trust it, as it is at
that moment: the trust is of its path and its bytes, and is kept in the user's data folder.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

from plumbline.adapters.folders import private_folder, storing, write_whole

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class TrustedFiles:
    """In ``folder``: an empty file for each one that is trusted, by its digest."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def has(self, path: str, content: bytes) -> bool:
        return os.path.isfile(self._mark(path, content))

    def add(self, path: str, content: bytes) -> None:
        """Raises PlumblineError where it cannot be written."""
        with storing(self._folder):
            private_folder(self._folder)
            write_whole(self._mark(path, content), os.fsencode(path) + b"\n")

    def remove(self, path: str, content: bytes) -> bool:
        """False where it was not trusted. Raises PlumblineError."""
        with storing(self._folder):
            try:
                os.unlink(self._mark(path, content))
            except FileNotFoundError:
                return False
        return True

    def _mark(self, path: str, content: bytes) -> str:
        digest = hashlib.sha256(os.fsencode(os.path.realpath(path)) + b"\0" + content).hexdigest()
        return f"{self._folder}/{digest}"


def narrowed(
    user: Mapping[str, Any], own: Mapping[str, Any], isolating: Collection[str]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What counts of the settings ``own`` of a repository that is not trusted, and the names of those that do not.
    ``isolating``: the ways to run jobs that keep them away from the machine."""
    counts = {name: value for name, value in own.items() if _counts(name, value, user, isolating)}
    return counts, tuple(sorted(name for name in own if name not in counts))


def _counts(name: str, value: Any, user: Mapping[str, Any], isolating: Collection[str]) -> bool:
    if name in user and user[name] == value:
        return True
    if name in ("default_timeout", "take_reports"):  # its own jobs may name a longer one, and more reports
        return True
    if name == "isolation":
        return isinstance(value, str) and value in isolating and user.get("isolation") not in [*isolating]
    if name in ("allow_network", "shell"):
        return value is False
    if name == "jobs":
        most = user.get("jobs") or os.cpu_count() or 1
        return isinstance(value, int) and isinstance(most, int) and 0 < value <= most
    if name == "network":
        return bool(value == "none")
    if name in ("pass_environment", "tools", "variable_files"):
        given = user.get(name, [])
        return isinstance(value, list) and isinstance(given, list) and all(one in given for one in value)
    return value in ([], {}, "") and not user.get(name)
