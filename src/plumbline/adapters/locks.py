"""Named locks that hold across processes of one user on one machine: ``flock`` on files in one folder."""

from __future__ import annotations

import fcntl
import hashlib
import os
from typing import TYPE_CHECKING

from plumbline.adapters.folders import private_folder, storing

if TYPE_CHECKING:
    from collections.abc import Callable


class FileLocks:
    """The kernel frees a lock when its owner dies, so none can be left behind."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def acquire(self, name: str) -> Callable[[], None] | None:
        """Take a lock without waiting: the function that releases it, or None while someone else has it. Raises
        PlumblineError ``disk-full`` or ``storage-failed``."""
        path = os.path.join(self._folder, hashlib.sha256(name.encode()).hexdigest()[:32])
        with storing(path):
            private_folder(self._folder)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return lambda: os.close(descriptor)
