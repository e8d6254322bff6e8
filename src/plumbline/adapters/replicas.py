"""What names a server among others: several may share a data folder, and each has a name of its own while it runs."""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import suppress
from functools import cache, partial
from hashlib import sha256
from typing import TYPE_CHECKING

from plumbline.adapters.folders import storing, write_all

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST = 1000  # servers on one folder


def take_name(folder: str) -> tuple[str, Callable[[], None]]:
    """The first name of the folder that nobody has at the moment, and what gives it back.

    The same server gets the same name again when it starts anew, so that it finds what it left. The lock on the file
    with the name belongs to this process alone: what a job forked does not keep it, and the kernel frees it. The file
    knows which file it is: a copy of the folder has names of its own, since the server whose names they were may live.
    Raises PlumblineError ``storage-failed`` or ``disk-full``.
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
    name, _, file = os.pread(descriptor, 200, 0).decode("ascii", "replace").strip().partition(" ")
    same = _file(descriptor)
    if not name or (file and file != same):
        name, file = secrets.token_hex(6), ""
    if not file:
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        write_all(descriptor, f"{name} {same}\n".encode())
        os.fsync(descriptor)
    return name


def _file(descriptor: int) -> str:
    """What tells a file from its copies, on this machine and on others."""
    return _digest(f"{_read('/etc/machine-id')} {os.fstat(descriptor).st_ino}")


@cache
def boot() -> str:
    """What is another one on another machine, and when this one started anew."""
    return _digest(_read("/proc/sys/kernel/random/boot_id") or secrets.token_hex(8))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


def _read(path: str) -> str:
    with suppress(OSError), open(path, encoding="ascii", errors="replace") as file:
        return file.read(100).strip()
    return ""
