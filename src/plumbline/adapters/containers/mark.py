"""Whether the script of a step ever began.

What an image begins with may never come to the script, or the engine may fail before: neither says anything of the
script. So its first line writes to a file whose time of change is a number that nobody else knows.
"""

from __future__ import annotations

import os
import secrets

from plumbline.adapters.folders import remove_tree
from plumbline.adapters.jobs.script import quote

_NAME = ".began"
_YEAR_2001, _SPAN = 978_307_200, 500_000_000  # seconds


class Mark:
    """One for every step. ``folder`` is the scratch folder, seen by the job as ``seen_as``."""

    def __init__(self, folder: str, seen_as: str) -> None:
        self._path = f"{folder}/{_NAME}"
        if os.path.lexists(self._path):  # of an earlier script, or whatever that one put there
            remove_tree(self._path)
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        os.fchmod(handle, 0o666)
        moment = (_YEAR_2001 + secrets.randbelow(_SPAN)) * 1_000_000_000 + secrets.randbelow(1_000_000_000)
        os.utime(handle, ns=(moment, moment))
        self._moment = os.fstat(handle).st_mtime_ns  # the file system may keep less of it
        os.close(handle)
        self.line = f"{{ true >{quote(f'{seen_as}/{_NAME}')}; }} 2>/dev/null\n"

    def is_there(self) -> bool:
        """A job can take the file away or change it, and that is a sign of its script as well."""
        try:
            return os.lstat(self._path).st_mtime_ns != self._moment
        except OSError:
            return True
