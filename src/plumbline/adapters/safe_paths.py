"""Write files into a folder by paths that somebody else chose: none of them may lead out of it."""

from __future__ import annotations

import os
import stat

from plumbline.adapters.folders import remove_tree

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


class UnsafePathError(ValueError):
    """A path that leads out of the folder."""


class Placer:
    """Places entries below ``root``, over what is there. A symlink on the way is followed only inside the root."""

    def __init__(self, root: str) -> None:
        self._root = os.path.realpath(root)
        self._safe = {self._root}
        self._folders: list[tuple[str, int, int]] = []
        self.count = 0

    def file(self, path: str, mode: int) -> int:
        """A new, empty file, open for writing."""
        target = self._target(path)
        try:
            descriptor = os.open(target, _NEW, 0o600)
        except FileExistsError:
            remove_tree(target)
            descriptor = os.open(target, _NEW, 0o600)
        os.fchmod(descriptor, stat.S_IMODE(mode) & 0o777)
        return descriptor

    def link(self, path: str, to: str) -> None:
        target = self._target(path)
        if os.path.lexists(target):
            remove_tree(target)
        self._safe = {self._root}  # what was safe may lead through this link now
        os.symlink(to, target)

    def folder(self, path: str, mode: int, time: int) -> None:
        """A folder; mode and time (nanoseconds; 0: as it comes) are set by :meth:`close`, once all is in it."""
        target = self._target(path)
        _make(target)
        self._folders.append((target, stat.S_IMODE(mode) & 0o777 | stat.S_IRWXU, time))

    def close(self) -> None:
        for target, mode, time in reversed(self._folders):
            if os.path.isdir(target) and not os.path.islink(target):
                os.chmod(target, mode)
                if time:
                    os.utime(target, ns=(time, time))

    def _target(self, path: str) -> str:
        parent, _, name = path.rpartition("/")
        folder = f"{self._root}/{parent}" if parent else self._root
        if name in ("", ".", "..") or "\0" in path or path.startswith("/"):
            raise UnsafePathError(path)
        if folder not in self._safe:
            self._enter(parent.split("/"), path)
            self._safe.add(folder)
        self.count += 1
        return f"{folder}/{name}"

    def _enter(self, parts: list[str], path: str) -> None:
        folder = self._root
        for part in parts:
            if part in ("", ".", ".."):
                raise UnsafePathError(path)
            folder = f"{folder}/{part}"
            _make(folder)
            if os.path.islink(folder) and not f"{os.path.realpath(folder)}/".startswith(self._root + "/"):
                raise UnsafePathError(path)


def _make(path: str) -> None:
    try:
        os.mkdir(path)
    except FileExistsError:
        if not os.path.isdir(path):
            os.unlink(path)
            os.mkdir(path)
