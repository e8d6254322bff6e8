"""Open what is below a folder of ours by paths that somebody else chose, while processes of theirs may still change
the folder: no link on the way is followed, whatever it was when it was looked at."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from contextlib import suppress
from functools import cache
from typing import Any

from plumbline.kernel import PlumblineError, t

_OPENAT2 = 437  # the number of the system call on every machine of Linux
_NO_MAGIC, _NO_LINKS, _BENEATH = 0x02, 0x04, 0x08
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LINK = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EXDEV})


def open_root(path: str) -> int:
    """A descriptor of the folder itself, to open others beneath it. Only its parents may be links.

    Raises PlumblineError ``folder-replaced`` where it is no folder any more but a link, and OSError.
    """
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in _LINK and os.path.islink(path):
            raise PlumblineError(
                "folder-replaced",
                t("the folder {path} was replaced by a link", path=path),
                t("a job may change what is in its working copy, and not the working copy itself"),
            ) from error
        raise


def open_beneath(root: int, path: str, flags: int, mode: int = 0) -> int:
    """Open ``path``, relative to the folder ``root``; empty: the folder itself. Raises OSError, ELOOP or ENOTDIR where
    a link is on the way, or at its end."""
    flags |= os.O_NOFOLLOW | os.O_CLOEXEC
    if not path:
        return os.open(".", flags, mode, dir_fd=root)
    if (call := _openat2()) is not None:
        found: int = call(root, path, flags, mode)
        return found
    return _walk(root, path, flags, mode)


def open_inside(root: int, real: str, path: str, flags: int) -> int:
    """As :func:`open_beneath`; links of folders on the way are followed as long as they stay inside. ``real``: the path
    of the folder, without links in it."""
    try:
        return open_beneath(root, path, flags)
    except OSError as error:
        parent, _, name = path.rpartition("/")
        if error.errno not in _LINK or not parent:
            raise
        above = os.path.realpath(f"{real}/{parent}")
        if not above.startswith(real + "/"):
            raise
        return open_beneath(root, f"{above[len(real) + 1 :]}/{name}", flags)


def make_beneath(folder: str, path: str) -> None:
    """Make a folder below another one, with those between. Raises OSError where a link or a file is on the way."""
    at = open_root(folder)
    try:
        for name in path.split("/"):
            if name in ("", ".", ".."):
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), path)
            with suppress(FileExistsError):
                os.mkdir(name, dir_fd=at)
            below = os.open(name, _FOLDER, dir_fd=at)
            os.close(at)
            at = below
    finally:
        os.close(at)


def remove_at(name: str, at: int) -> None:
    """Remove what has this name in an open folder, a link itself and never what it leads to; nothing there is
    no matter. Raises OSError."""
    try:
        os.unlink(name, dir_fd=at)
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno not in (errno.EISDIR, errno.EPERM):
            raise
        shutil.rmtree(name, dir_fd=at)


def read_link(root: int, real: str, path: str) -> str:
    """Where a link points to that lies below a folder. Raises OSError."""
    parent, _, name = path.rpartition("/")
    if not parent:
        return os.readlink(name, dir_fd=root)
    above = open_inside(root, real, parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return os.readlink(name, dir_fd=above)
    finally:
        os.close(above)


def _walk(root: int, path: str, flags: int, mode: int) -> int:
    """Folder by folder, for systems that cannot do it in one step."""
    folders = path.split("/")
    if any(name in ("", ".", "..") for name in folders):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), path)
    name = folders.pop()
    at = os.dup(root)
    try:
        for folder in folders:
            below = os.open(folder, _FOLDER, dir_fd=at)
            os.close(at)
            at = below
        return os.open(name, flags, mode, dir_fd=at)
    finally:
        os.close(at)


class _How(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


@cache
def _openat2() -> Any:
    """The system call, where it is there and not forbidden."""
    if os.uname().sysname != "Linux":
        return None
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    syscall.restype = ctypes.c_long
    syscall.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t]
    size = ctypes.sizeof(_How)

    def call(root: int, path: str, flags: int, mode: int) -> int:
        how = _How(flags, mode, _NO_MAGIC | _NO_LINKS | _BENEATH)
        while True:
            found: int = syscall(_OPENAT2, root, os.fsencode(path), ctypes.addressof(how), size)
            if found >= 0:
                return found
            code = ctypes.get_errno()
            if code not in (errno.EINTR, errno.EAGAIN):
                raise OSError(code, os.strerror(code), path)

    top = os.open("/", _FOLDER)
    try:
        os.close(call(top, ".", _FOLDER, 0))
    except OSError:
        return None
    finally:
        os.close(top)
    return call
