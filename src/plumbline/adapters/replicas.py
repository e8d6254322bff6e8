"""What names a server among others: several may share a data folder, and each has a name of its own while it runs."""

from __future__ import annotations

import fcntl
import os
import secrets
from functools import partial
from typing import TYPE_CHECKING

from plumbline.adapters.folders import storing, write_all

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST = 1000  # servers on one folder


def take_name(folder: str) -> tuple[str, Callable[[], None]]:
    """The first name of the folder that nobody has at the moment, and what gives it back.

    The same server gets the same name again when it starts anew, so that it finds what it left. The lock on the file
    with the name belongs to this process alone: what a job forked does not keep it, and the kernel frees it. Raises
    PlumblineError ``storage-failed`` or ``disk-full``.
    """
    for number in range(1, _MOST):
        path = os.path.join(folder, "replica" if number == 1 else f"replica-{number}")
        with storing(path):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                os.close(descriptor)
                continue
            return _name(descriptor), partial(os.close, descriptor)
    raise RuntimeError(f"more than {_MOST} servers on {folder}")


def _name(descriptor: int) -> str:
    name = os.pread(descriptor, 100, 0).decode("ascii", "replace").strip()
    if not name:
        name = secrets.token_hex(6)
        write_all(descriptor, f"{name}\n".encode())
        os.fsync(descriptor)
    return name
