"""A folder read once, to be written many times."""

from __future__ import annotations

import errno
import os
import stat
import time
from math import inf
from typing import NamedTuple

from plumbline.adapters.folders import remove_tree, write_all

SMALL = 64 * 1024  # bytes; files up to this size are kept in memory,
MEMORY = 8 * 1024 * 1024  # up to this many bytes in all
TICK = 20_000_000  # nanoseconds; a file system's clock may stand still for less than that
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_FICLONE = 0x40049409
_UNABLE = frozenset({errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY, errno.ENOSYS})
_CHUNK = 1 << 30


class File(NamedTuple):
    """A file (``data`` None: it is large, and read from the template) or a symlink (``link`` is its target)."""

    mode: int
    size: int
    data: bytes | None
    link: str = ""


class Folder(NamedTuple):
    path: str  # empty for the root, else with a slash at its start
    files: dict[str, File]
    folders: set[str]


class Stamp(NamedTuple):
    """What a file was when it was written: nothing can change it and leave all of this as it was."""

    inode: int
    changed: int  # ctime, nanoseconds
    mode: int


class Copy:
    """A written copy. ``handed``: the file system's time, in nanoseconds, when it was given to a job."""

    __slots__ = ("folders", "handed", "home", "kind", "root", "stamps")

    def __init__(self, root: str, folders: int) -> None:
        self.root = root
        self.stamps: list[dict[str, Stamp]] = [{} for _ in range(folders)]
        self.folders = [(0, 0)] * folders  # inode and change time
        self.kind = (0, 0, 0)  # mode, owner and group of every folder
        self.handed = 0
        self.home = (0, 0)  # device and inode of the folder around it


class Tree:
    """What a template folder holds; folders stand before what is in them. Every file gets the modification time
    ``time`` (nanoseconds)."""

    def __init__(self, root: str, time: int) -> None:
        self._root = root
        self._times = (time, time)
        self._reflinks = True  # until the file system says no
        self.folders = [Folder("", {}, set())]
        self.missing: tuple[str, ...] = ()  # submodules that are wanted, and empty here

    def write(self, root: str) -> Copy:
        """Write everything into a folder that does not exist yet. Raises OSError."""
        copy = Copy(root, len(self.folders))
        for folder, stamps in zip(self.folders, copy.stamps, strict=True):
            path = root + folder.path
            os.mkdir(path)
            for name, file in folder.files.items():
                stamps[name] = self._write(f"{path}/{name}", file, folder.path, name)
        info = os.lstat(root)
        copy.kind = (info.st_mode, info.st_uid, info.st_gid)
        copy.folders = [_identity(os.lstat(root + folder.path)) for folder in self.folders]
        return copy

    def renew(self, copy: Copy, until: float = inf) -> None:
        """Make a used copy what it was when it was written: remove what is new, write again what is changed or gone.

        Inode and change time prove that a file is untouched, and that a folder has the entries it had; what was
        written just before the job began is looked into. Raises OSError, TimeoutError where it is not done by
        ``until`` (monotonic time).
        """
        certain = copy.handed - TICK
        for index, folder in enumerate(self.folders):
            path, stamps = copy.root + folder.path, copy.stamps[index]
            identity = self._renew_folder(path, copy.kind)
            if identity == copy.folders[index] and identity[1] < certain and _all_untouched(path, stamps, certain):
                continue
            self._renew_entries(path, folder, stamps, certain, until)
            copy.folders[index] = _identity(os.lstat(path))

    def _renew_entries(self, path: str, folder: Folder, stamps: dict[str, Stamp], certain: int, until: float) -> None:
        missing = set(folder.files)
        with os.scandir(path) as entries:
            for entry in entries:
                name = entry.name
                file = folder.files.get(name)
                if file is not None:
                    if _untouched(entry, file, stamps[name], certain):
                        missing.discard(name)
                        continue
                elif name in folder.folders and entry.is_dir(follow_symlinks=False):
                    continue
                if time.monotonic() > until:
                    raise TimeoutError
                if not remove_tree(entry.path, until):
                    raise OSError(errno.EACCES, os.strerror(errno.EACCES), entry.path)
        for name in missing:
            stamps[name] = self._write(f"{path}/{name}", folder.files[name], folder.path, name)

    def _renew_folder(self, path: str, kind: tuple[int, int, int]) -> tuple[int, int]:
        """See that a folder is there and is what it was; its inode and change time, zeros for a new one."""
        try:
            info = os.lstat(path)
        except FileNotFoundError:
            os.mkdir(path)
            return 0, 0
        if (info.st_mode, info.st_uid, info.st_gid) != kind:
            if not remove_tree(path):
                raise OSError(errno.EACCES, os.strerror(errno.EACCES), path)
            os.mkdir(path)
            return 0, 0
        return _identity(info)

    def _write(self, path: str, file: File, folder: str, name: str) -> Stamp:
        mode, size, data, link = file
        if link:
            os.symlink(link, path)
            info = os.lstat(path)
            return Stamp(info.st_ino, info.st_ctime_ns, info.st_mode)
        descriptor = os.open(path, _NEW, mode)
        try:
            if data is None:
                self._copy_large(f"{self._root}{folder}/{name}", descriptor, size)
            elif data:
                write_all(descriptor, data)
            os.utime(descriptor, ns=self._times)
            info = os.fstat(descriptor)
            if stat.S_IMODE(info.st_mode) != mode:  # the umask took something away
                os.fchmod(descriptor, mode)
                info = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        return Stamp(info.st_ino, info.st_ctime_ns, info.st_mode)

    def _copy_large(self, path: str, target: int, size: int) -> None:
        source = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if not (self._reflinks and self._clone(source, target)):
                copy_bytes(source, target, size)
        finally:
            os.close(source)

    def _clone(self, source: int, target: int) -> bool:
        import fcntl

        try:
            fcntl.ioctl(target, _FICLONE, source)
        except OSError as error:
            if error.errno not in _UNABLE:
                raise
            self._reflinks = False
        return self._reflinks


def read_tree(root: str, time: int) -> Tree:
    """Read a template folder. Raises OSError."""
    tree = Tree(root, time)
    room = MEMORY
    for folder in tree.folders:  # grows while it is read
        with os.scandir(root + folder.path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folder.folders.add(entry.name)
                    tree.folders.append(Folder(f"{folder.path}/{entry.name}", {}, set()))
                    continue
                file = _read(entry, min(SMALL, room))
                room -= len(file.data or b"")
                folder.files[entry.name] = file
    return tree


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
        if error.errno not in _UNABLE:
            raise
        os.lseek(source, done, os.SEEK_SET)
        while block := os.read(source, 1 << 20):
            write_all(target, block)


def _read(entry: os.DirEntry[str], limit: int) -> File:
    if entry.is_symlink():
        return File(0, 0, None, link=os.readlink(entry.path))
    info = entry.stat(follow_symlinks=False)
    mode = stat.S_IMODE(info.st_mode)
    data = None
    if info.st_size <= limit:
        with open(entry.path, "rb") as file:
            data = file.read()
    return File(mode, info.st_size, data)


def _identity(info: os.stat_result) -> tuple[int, int]:
    return info.st_ino, info.st_ctime_ns


def _all_untouched(folder: str, stamps: dict[str, Stamp], certain: int) -> bool:
    for name, stamp in stamps.items():
        info = os.lstat(f"{folder}/{name}")
        if stamp.changed >= certain or (info.st_ino, info.st_ctime_ns, info.st_mode) != stamp:
            return False
    return True


def _untouched(entry: os.DirEntry[str], file: File, stamp: Stamp, certain: int) -> bool:
    info = entry.stat(follow_symlinks=False)
    if (info.st_ino, info.st_ctime_ns, info.st_mode) != stamp:
        return False
    if stamp.changed < certain:
        return True
    if file.link:
        return os.readlink(entry.path) == file.link
    if file.data is None or info.st_size != file.size:
        return False
    try:
        descriptor = os.open(entry.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except PermissionError:
        return False
    try:
        return os.read(descriptor, file.size + 1) == file.data
    finally:
        os.close(descriptor)
