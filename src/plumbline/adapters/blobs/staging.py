"""Uploads that are not finished: a file each, which survives the end of the process.

1. A file is only ever appended to, by one writer at a time; the kernel frees the writer's lock when it dies.
2. What is known of its hash is kept in memory, with how far it goes; where that is not the whole file, the file is read
   again. So nothing that is said of a file rests on anything but its bytes.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
from collections import OrderedDict
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from plumbline.adapters.blobs.checked import BLOCK, digest_of
from plumbline.adapters.blobs.digests import hasher
from plumbline.adapters.folders import private_folder, storing, write_all
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from hashlib import _Hash

_NAME = re.compile(r"[0-9a-f]{32}")
_EARLY = 8 << 20  # bytes
_SPARED = 64 << 20  # bytes of the disk, or a twentieth of it where that is less
_REMEMBERED = 1000  # uploads whose hash is kept in memory


class _Hashed(NamedTuple):
    algorithm: str
    so_far: _Hash
    size: int


class Staged(NamedTuple):
    """An upload that is locked and whole."""

    path: str
    handle: int
    size: int


class Staging:
    """``folder`` is made when something is put into it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._hashes: OrderedDict[str, _Hashed] = OrderedDict()
        self._lock = Lock()

    def begin(self, algorithm: str) -> str:
        so_far = hasher(algorithm)
        upload = secrets.token_hex(16)
        with storing(self.folder):
            private_folder(self.folder)
            os.close(os.open(f"{self.folder}/{upload}", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        self._remember(upload, _Hashed(algorithm, so_far, 0))
        return upload

    def written(self, upload: str) -> int | None:
        if not _NAME.fullmatch(upload):
            return None
        try:
            return os.lstat(f"{self.folder}/{upload}").st_size
        except FileNotFoundError:
            return None

    def write(self, upload: str, offset: int, data: Iterable[bytes]) -> int:
        with self._locked(upload) as staged:
            if staged.size != offset:
                raise PlumblineError(
                    "offset-wrong",
                    t("this part begins at byte {offset}, and the upload has {size}", offset=offset, size=staged.size),
                    t("Ask how much is there, and go on from that byte."),
                    kind=ErrorKind.REFUSED,
                )
            known = self._forget(upload, staged.size)
            size = begun = offset
            for block in data:
                with storing(staged.path):
                    check_room(staged.handle, len(block))
                    write_all(staged.handle, block)
                    size += len(block)
                    if size - begun >= _EARLY:
                        write_early(staged.handle, begun, size)
                        begun = size
                if known is not None:
                    known.so_far.update(block)
            if known is not None:
                self._remember(upload, known._replace(size=size))
        return size

    @contextmanager
    def whole(self, upload: str, algorithm: str) -> Iterator[tuple[Staged, str]]:
        """An upload with the hash of all its bytes, in hexadecimal; nobody else writes to it meanwhile."""
        with self._locked(upload) as staged:
            known = self._forget(upload, staged.size)
            if known is not None and known.algorithm == algorithm:
                yield staged, known.so_far.hexdigest()
            else:
                with storing(staged.path):
                    found = digest_of(blocks_of(staged.handle, 0, staged.size), algorithm)
                yield staged, found

    def abandon(self, upload: str) -> None:
        if not _NAME.fullmatch(upload):
            return
        with self._lock:
            self._hashes.pop(upload, None)
        with storing(self.folder), suppress(FileNotFoundError):
            os.unlink(f"{self.folder}/{upload}")

    def all(self) -> Iterator[tuple[str, int]]:
        """The names, and when each was last written to in microseconds."""
        try:
            with os.scandir(self.folder) as entries:
                found = [entry.name for entry in entries]
        except FileNotFoundError:
            return
        for name in found:
            with suppress(FileNotFoundError):
                if _NAME.fullmatch(name):
                    yield name, os.lstat(f"{self.folder}/{name}").st_mtime_ns // 1000

    @contextmanager
    def _locked(self, upload: str) -> Iterator[Staged]:
        path = f"{self.folder}/{upload}"
        handle = _open(path) if _NAME.fullmatch(upload) else None
        if handle is None:
            raise PlumblineError("upload-unknown", t("There is no such upload."), t("Begin a new one."),
                                 kind=ErrorKind.REFUSED)  # fmt: skip
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise PlumblineError(
                    "upload-busy",
                    t("Another request is writing to this upload."),
                    t("Wait until it has ended, then ask how much is there."),
                    kind=ErrorKind.REFUSED,
                ) from None
            if os.fstat(handle).st_nlink == 0 or not _same(path, handle):  # finished by whoever had the lock before
                raise PlumblineError("upload-unknown", t("There is no such upload."), t("Begin a new one."),
                                     kind=ErrorKind.REFUSED)  # fmt: skip
            yield Staged(path, handle, os.fstat(handle).st_size)
        finally:
            os.close(handle)

    def _remember(self, upload: str, known: _Hashed) -> None:
        with self._lock:
            self._hashes[upload] = known
            while len(self._hashes) > _REMEMBERED:
                self._hashes.popitem(last=False)

    def _forget(self, upload: str, size: int) -> _Hashed | None:
        """Take out what is known, where it is of the whole file; whoever goes on with it puts it back."""
        with self._lock:
            known = self._hashes.pop(upload, None)
        if known is None and not size:
            return _Hashed("sha256", hasher("sha256"), 0)
        return known if known is not None and known.size == size else None


def check_room(handle: int, size: int) -> None:
    """What comes in leaves some of the disk to everything else, such as the database: no upload stops the server.
    Raises OSError as a full disk does."""
    disk = os.fstatvfs(handle)
    spared = min(_SPARED, disk.f_blocks * disk.f_frsize // 20)
    if disk.f_bavail * disk.f_frsize < size + spared:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def write_early(handle: int, start: int, end: int) -> None:
    """Let the system begin to write these bytes to the disk, so that the wait at the end is short."""
    if hasattr(os, "posix_fadvise"):  # not on macOS
        os.posix_fadvise(handle, start, end - start, os.POSIX_FADV_DONTNEED)


def blocks_of(handle: int, start: int, end: int) -> Iterator[bytes]:
    """The bytes of an open file from ``start`` to before ``end``, or to where it ends. Raises OSError."""
    while start < end and (block := os.pread(handle, min(BLOCK, end - start), start)):
        yield block
        start += len(block)


def _open(path: str) -> int | None:
    try:
        return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        from plumbline.adapters.folders import storage_error

        raise storage_error(error, path) from error


def _same(path: str, handle: int) -> bool:
    try:
        return os.path.samestat(os.lstat(path), os.fstat(handle))
    except FileNotFoundError:
        return False
