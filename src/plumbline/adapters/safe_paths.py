"""Write files into a folder by paths that somebody else chose: none of them may lead out of it."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

from plumbline.adapters.beneath import open_beneath, open_inside, open_root, remove_at

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_FOLDER = os.O_RDONLY | os.O_DIRECTORY


class UnsafePathError(ValueError):
    """A path that leads out of the folder."""


class Placer:
    """Places entries below ``root``, over what is there. A symlink on the way is followed only inside the root, and
    none that somebody puts there meanwhile. To be closed whatever happens: ``with Placer(root) as placer``."""

    def __init__(self, root: str) -> None:
        self._root = open_root(root)
        self._real = os.path.realpath(root)
        self._at = self._root  # the folder of the last entry
        self._parent = ""
        self._folders: list[tuple[str, int, int]] = []
        self.count = 0

    def __enter__(self) -> Placer:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()
        os.close(self._root)

    def file(self, path: str, mode: int) -> int:
        """A new, empty file, open for writing."""
        folder, name = self._target(path)
        try:
            descriptor = os.open(name, _NEW, 0o600, dir_fd=folder)
        except FileExistsError:
            remove_at(name, folder)
            descriptor = os.open(name, _NEW, 0o600, dir_fd=folder)
        os.fchmod(descriptor, stat.S_IMODE(mode) & 0o777)
        return descriptor

    def link(self, path: str, to: str) -> None:
        folder, name = self._target(path)
        remove_at(name, folder)
        os.symlink(to, name, dir_fd=folder)

    def folder(self, path: str, mode: int, time: int) -> None:
        """A folder; mode and time (nanoseconds; 0: as it comes) are set by :meth:`finish`, once all is in it."""
        folder, name = self._target(path)
        _make(name, folder)
        self._folders.append((path, stat.S_IMODE(mode) & 0o777 | stat.S_IRWXU, time))

    def finish(self) -> None:
        for path, mode, time in reversed(self._folders):
            with suppress(NotADirectoryError, FileNotFoundError):
                try:
                    descriptor = open_inside(self._root, self._real, path, _FOLDER)
                except OSError as error:
                    if error.errno not in (errno.ELOOP, errno.EXDEV):
                        raise
                    continue  # a link came over it
                try:
                    os.fchmod(descriptor, mode)
                    if time:
                        os.utime(descriptor, ns=(time, time))
                finally:
                    os.close(descriptor)

    def _target(self, path: str) -> tuple[int, str]:
        """The folder of an entry, open, and the entry's name."""
        parent, _, name = path.rpartition("/")
        if name in ("", ".", "..") or "\0" in path or path.startswith("/"):
            raise UnsafePathError(path)
        if parent != self._parent:
            self._leave()
            if parent:
                self._at = self._enter(parent, path)
                self._parent = parent
        self.count += 1
        return self._at, name

    def _leave(self) -> None:
        if self._at != self._root:
            os.close(self._at)
        self._at, self._parent = self._root, ""

    def _enter(self, parent: str, path: str) -> int:
        parts = parent.split("/")
        if any(part in ("", ".", "..") for part in parts):
            raise UnsafePathError(path)
        with suppress(OSError):
            return open_beneath(self._root, parent, _FOLDER)
        at, way = os.dup(self._root), ""
        for part in parts:
            way = f"{way}/{part}" if way else part
            try:
                _make(part, at)
                below = self._below(at, part, way, path)
            finally:
                os.close(at)
            at = below
        return at

    def _below(self, at: int, part: str, way: str, path: str) -> int:
        try:
            return os.open(part, _FOLDER | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at)
        except OSError:
            real = os.path.realpath(f"{self._real}/{way}")
            if not real.startswith(self._real + "/"):
                raise UnsafePathError(path) from None
            return open_beneath(self._root, real[len(self._real) + 1 :], _FOLDER)


def _make(name: str, at: int) -> None:
    """A folder, or a link to one."""
    try:
        os.mkdir(name, dir_fd=at)
    except FileExistsError:
        try:
            there = stat.S_ISDIR(os.stat(name, dir_fd=at).st_mode)
        except FileNotFoundError:  # a link to nothing
            there = False
        if not there:
            os.unlink(name, dir_fd=at)
            os.mkdir(name, dir_fd=at)
