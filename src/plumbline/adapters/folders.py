"""Files and folders of our own: written whole or not at all, removed whatever a job did to them."""

from __future__ import annotations

import errno
import os
import stat
import time
from contextlib import contextmanager, suppress
from itertools import count
from math import inf
from typing import TYPE_CHECKING

from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_DEEP = 900  # characters of a path; with one more name it still has fewer bytes than any system takes
_serial = count(1)


@contextmanager
def storing(what: str) -> Iterator[None]:
    """Turn a failed write below into a PlumblineError: ``disk-full`` or ``storage-failed``. ``what`` is the path."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, what) from error


def storage_error(error: OSError, what: str) -> PlumblineError:
    """The refusal that stands for a failed write."""
    if error.errno in _FULL:
        return PlumblineError(
            "disk-full",
            t("no space left on the device while writing {path}", path=what),
            t("free some space, or choose another data folder with --data"),
        )
    return PlumblineError(
        "storage-failed",
        t("cannot write {path}: {reason}", path=what, reason=error.strerror or str(error)),
        t("check the owner and the permissions of the folder, or choose another one with --data"),
    )


def private_folder(path: str) -> None:
    """Make a folder of our own, with those above that are missing; it is the owner's alone, whatever it was before,
    whatever the umask, and whatever the folder around it hands on. Raises OSError."""
    parent = os.path.dirname(path)
    if parent and not os.path.isdir(parent):
        private_folder(parent)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not os.path.isdir(path):
            raise
    if stat.S_IMODE(os.stat(path).st_mode) != 0o700:
        with suppress(PermissionError):  # another user's; what is ours in it is private
            os.chmod(path, 0o700)


def private(path: str, flags: int) -> int:
    """For ``open``: a new file is its owner's alone."""
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def take_over(folder: str, names: Iterable[str]) -> None:
    """A folder that somebody else may have made is ours alone from now on, and so are the files and folders of these
    names in it. One that many share, such as ``/tmp``, stays what it is."""
    for path in (folder, *(f"{folder}/{name}" for name in names)):
        with suppress(OSError):
            info = os.lstat(path)
            mode = stat.S_IMODE(info.st_mode)
            shared = mode & stat.S_ISVTX or stat.S_ISLNK(info.st_mode) or info.st_uid != os.geteuid()
            if mode & 0o077 and not shared:
                os.chmod(path, 0o700 if stat.S_ISDIR(info.st_mode) else 0o600)


def temporary_name(path: str) -> str:
    """A name beside ``path`` that no other thread or process uses."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name[:100]}.{os.getpid()}.{next(_serial)}.tmp")


def write_whole(path: str, data: bytes, mode: int = 0o600) -> None:
    """Replace a file in one step; a reader sees the old bytes or the new ones. Raises OSError."""
    temporary = temporary_name(path)
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        try:
            write_all(fd, data)
        finally:
            os.close(fd)
        os.rename(temporary, path)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def write_all(fd: int, data: bytes | memoryview) -> None:
    """Write every byte; ``os.write`` alone may stop early."""
    written = os.write(fd, data)
    while written < len(data):
        written += os.write(fd, memoryview(data)[written:])


def remove_tree(path: str, until: float = inf) -> bool:
    """Remove a file or a folder with all it holds, never following a symlink out of it.

    Folders without write permission are opened up first; those that lie too deep for a path are moved up. False where
    something could not be removed (files of another user, say); the rest is gone all the same. Raises TimeoutError
    where it is not done by ``until`` (monotonic time).
    """
    try:
        if stat.S_ISDIR(os.lstat(path).st_mode):
            return _remove_folder(path, until)
        os.unlink(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _remove_folder(path: str, until: float) -> bool:
    clean = True
    pending = [path]
    folders: list[str] = []
    while pending:
        folder = pending.pop()
        folders.append(folder)
        try:
            with os.scandir(_opened(folder)) as entries:
                for entry in entries:
                    if time.monotonic() > until:
                        raise TimeoutError
                    if entry.is_dir(follow_symlinks=False):
                        deep = len(entry.path) > _DEEP
                        pending.append(_moved_up(entry.path, path) if deep else entry.path)
                    else:
                        clean &= _unlink(entry.path, folder)
        except FileNotFoundError:
            continue
        except TimeoutError:
            raise
        except OSError:
            clean = False
    for folder in reversed(folders):
        if time.monotonic() > until:
            raise TimeoutError
        clean &= _rmdir(folder)
    return clean


def _moved_up(folder: str, top: str) -> str:
    """Where a folder is now. Raises OSError."""
    higher = f"{top}/.deep-{os.getpid()}-{next(_serial)}"
    os.rename(_opened(folder), higher)
    return higher


def _opened(folder: str) -> str:
    if os.geteuid() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        os.chmod(folder, 0o700)
    return folder


def _unlink(path: str, folder: str) -> bool:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return True
    except OSError:
        try:
            os.chmod(folder, 0o700)
            os.unlink(path)
        except OSError:
            return False
    return True


def _rmdir(folder: str) -> bool:
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
