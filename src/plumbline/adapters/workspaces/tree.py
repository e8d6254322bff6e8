"""A folder read once, to be written many times."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, field
from typing import NamedTuple

from plumbline.adapters.folders import write_all

SMALL = 64 * 1024  # bytes; files up to this size are kept in memory,
MEMORY = 8 * 1024 * 1024  # up to this many bytes in all
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_FICLONE = 0x40049409
_NO_REFLINK = frozenset({errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY, errno.ENOSYS})
_CHUNK = 1 << 30


class SmallFile(NamedTuple):
    path: str
    mode: int
    data: bytes
    exact: bool  # the mode is to be set again, the umask would change it


class LargeFile(NamedTuple):
    path: str
    mode: int
    size: int


@dataclass(slots=True)
class Tree:
    """What a template folder holds. Paths are relative to it; folders stand before what is in them."""

    root: str
    time: int  # every file gets this modification time (nanoseconds)
    folders: list[str] = field(default_factory=list)
    small: list[SmallFile] = field(default_factory=list)
    large: list[LargeFile] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    reflinks: bool = True  # until the file system says no

    def write(self, root: str) -> None:
        """Write everything into a folder that does not exist yet. Raises OSError."""
        os.mkdir(root)
        start = root + "/"
        for path in self.folders:
            os.mkdir(start + path)
        times = (self.time, self.time)
        create, write, utime, close = os.open, os.write, os.utime, os.close
        for path, mode, data, exact in self.small:
            fd = create(start + path, _NEW, mode)
            try:
                if data and write(fd, data) != len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), start + path)
                if exact:
                    os.fchmod(fd, mode)
                utime(fd, ns=times)
            finally:
                close(fd)
        for large in self.large:
            self._write_large(large, start + large.path, times)
        for path, target in self.links:
            os.symlink(target, start + path)

    def _write_large(self, file: LargeFile, path: str, times: tuple[int, int]) -> None:
        source = os.open(f"{self.root}/{file.path}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            fd = os.open(path, _NEW, file.mode)
            try:
                self._clone(source, fd, file.size)
                os.fchmod(fd, file.mode)
                os.utime(fd, ns=times)
            finally:
                os.close(fd)
        finally:
            os.close(source)

    def _clone(self, source: int, target: int, size: int) -> None:
        if self.reflinks:
            try:
                import fcntl

                fcntl.ioctl(target, _FICLONE, source)
            except OSError as error:
                if error.errno not in _NO_REFLINK:
                    raise
                self.reflinks = False
            else:
                return
        copy_bytes(source, target, size)


def copy_bytes(source: int, target: int, size: int) -> None:
    """Copy a whole file by descriptors, inside the kernel where it can. Raises OSError."""
    done = 0
    try:
        while done < size:
            sent = os.sendfile(target, source, done, min(size - done, _CHUNK))
            if not sent:
                return
            done += sent
    except OSError as error:
        if error.errno not in _NO_REFLINK:
            raise
        os.lseek(source, done, os.SEEK_SET)
        while block := os.read(source, 1 << 20):
            write_all(target, block)


def read_tree(root: str, time: int) -> Tree:
    """Read a template folder. Raises OSError."""
    tree = Tree(root, time)
    pending = [""]
    room = MEMORY
    umask_free = 0o777
    while pending:
        start = pending.pop()
        with os.scandir(f"{root}/{start}") as entries:
            for entry in entries:
                path = start + entry.name
                if entry.is_symlink():
                    tree.links.append((path, os.readlink(entry.path)))
                elif entry.is_dir(follow_symlinks=False):
                    tree.folders.append(path)
                    pending.append(path + "/")
                else:
                    info = entry.stat(follow_symlinks=False)
                    mode = stat.S_IMODE(info.st_mode) & umask_free
                    if info.st_size <= min(SMALL, room):
                        room -= info.st_size
                        with open(entry.path, "rb") as file:
                            tree.small.append(SmallFile(path, mode, file.read(), mode not in _PLAIN))
                    else:
                        tree.large.append(LargeFile(path, mode, info.st_size))
    return tree


_PLAIN = frozenset({0o644, 0o755})
