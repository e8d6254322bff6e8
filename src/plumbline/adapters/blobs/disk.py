"""Blobs on the disk, as an OCI image layout: ``oci-layout``, ``index.json``, ``blobs/<algorithm>/<hex>``.

1. A file gets its name when it is whole, read-only and on the disk; the name is not lost once that was said.
2. Taking up, replacing and removing a blob exclude each other, over all processes: what somebody has just stored is
   never removed for having been old before.
3. A blob that is not what its digest says goes out of the way: nobody knows it any more until it is stored again. Its
   bytes stay beside the others for whoever looks into it.
4. The same bytes once more replace those that are there: so they heal what nobody has noticed yet.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from plumbline.adapters.blobs.checked import checked, digest_of
from plumbline.adapters.blobs.digests import (
    ALGORITHMS,
    Digest,
    corrupt,
    digest_wrong,
    hasher,
    missing,
    parse,
    too_large,
)
from plumbline.adapters.blobs.staged_uploads import StagedUploads
from plumbline.adapters.blobs.staging import blocks_of
from plumbline.adapters.blobs.whole import Known, OpenBlob
from plumbline.adapters.folders import private_folder, storage_error, storing, temporary_name, write_whole
from plumbline.model.ports.blobs import BlobInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plumbline.adapters.blobs.staging import Staged

LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'
INDEX = b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'
_OLD = 24 * 3600  # seconds after which nobody works any more on what is half made


class DiskBlobs(StagedUploads):
    """Implements :class:`plumbline.model.ports.blobs.BlobStore`. ``told`` hears of each blob that was found corrupt."""

    def __init__(self, folder: str, told: Callable[[str], None] = lambda _digest: None) -> None:
        super().__init__(f"{folder}/uploads")
        self._folder = folder
        self._told = told
        self._known = Known()
        self._made = False

    def put(self, data: bytes, algorithm: str = "sha256") -> str:
        found = hasher(algorithm)
        found.update(data)
        digest = f"{algorithm}:{found.hexdigest()}"
        upload = self.begin(algorithm)
        try:
            self.write(upload, 0, [data])
            self.finish(upload, digest)
        except BaseException:
            self.abandon(upload)
            raise
        return digest

    def take(self, path: str, digest: str = "") -> BlobInfo:
        wanted = parse(digest) if digest else None
        with storing(path):
            private_folder(self._staging.folder)
            temporary = temporary_name(f"{self._staging.folder}/taken")
            _link_or_copy(path, temporary)
            try:
                handle = os.open(temporary, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
                try:
                    size = os.fstat(handle).st_size
                    algorithm = wanted.algorithm if wanted else "sha256"
                    found = Digest(algorithm, digest_of(blocks_of(handle, 0, size), algorithm))
                    if wanted and found != wanted:
                        raise digest_wrong(digest, ":".join(found))
                    self._place(temporary, handle, found)
                finally:
                    os.close(handle)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(temporary)
        return BlobInfo(":".join(found), size, _now())

    def adopt(self, path: str, digest: str) -> BlobInfo | None:
        """Make a file of our own, on this disk, the blob of the digest that was written down when it was made, where
        there is none: without reading it, since reading a blob verifies it. None where the file is not there."""
        wanted = parse(digest)
        target = self._path(wanted)
        if not _regular(path):
            return None
        with storing(target):
            self._prepare()
            try:
                os.link(path, target, follow_symlinks=False)
                os.chmod(target, 0o444)
                os.utime(target)
                _sync_folder(os.path.dirname(target))
            except FileExistsError:
                pass
            except FileNotFoundError:
                return None
        return self.touch(digest)

    def info(self, digest: str) -> BlobInfo | None:
        path = self._path(parse(digest))
        try:
            info = os.lstat(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise storage_error(error, path) from error
        if not stat.S_ISREG(info.st_mode):
            return None
        return BlobInfo(digest, info.st_size, info.st_mtime_ns // 1000)

    def touch(self, digest: str) -> BlobInfo | None:
        path = self._path(parse(digest))
        with storing(path), self._alone():
            with suppress(FileNotFoundError):
                os.utime(path, follow_symlinks=False)
            return self.info(digest)

    def read(self, digest: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        wanted = parse(digest)
        file = self._open(digest)
        size = os.fstat(file.handle).st_size
        last = size if end is None else min(end, size)
        return self._blocks(file, wanted, start, last, whole=start == 0 and last == size)

    def file(self, digest: str) -> OpenBlob | None:
        wanted = parse(digest)
        return OpenBlob(self._open(digest).taken(), wanted, self._known, lambda handle: self._set_aside(handle, wanted))

    def get(self, digest: str, most: int) -> bytes:
        found = self.info(digest)
        if found is not None and found.size > most:
            raise too_large(digest, found.size, most)
        return b"".join(self.read(digest))

    def open(self, digest: str) -> BinaryIO:
        if not self.verify(digest):
            raise corrupt(digest) if self._was_there(digest) else missing(digest)
        return os.fdopen(self._open(digest).taken(), "rb")

    def verify(self, digest: str) -> bool:
        try:
            for _ in self.read(digest):
                pass
        except Exception as error:
            if getattr(error, "code", "") not in ("blob-corrupt", "blob-missing"):
                raise
            return False
        return True

    def remove(self, digest: str, *, unused_since: int) -> int:
        path = self._path(parse(digest))
        with storing(path), self._alone():
            found = self.info(digest)
            if found is None or found.stored > unused_since:
                return 0
            os.unlink(path)
        return found.size

    def all(self) -> Iterator[BlobInfo]:
        for algorithm in ALGORITHMS:
            with suppress(FileNotFoundError), os.scandir(f"{self._folder}/blobs/{algorithm}") as entries:
                for entry in entries:
                    with suppress(Exception):
                        found = self.info(f"{algorithm}:{entry.name}")
                        if found is not None:
                            yield found

    def tidy(self) -> None:
        """Remove what processes that died left half made."""
        before = time.time() - _OLD
        with suppress(FileNotFoundError), os.scandir(self._staging.folder) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.name.startswith(".") and entry.stat(follow_symlinks=False).st_mtime < before:
                        os.unlink(entry.path)

    def _blocks(self, file: _Opened, wanted: Digest, start: int, last: int, *, whole: bool) -> Iterator[bytes]:
        blocks = blocks_of(file.handle, start, last)
        try:
            yield from checked(blocks, wanted, lambda: self._set_aside(file.handle, wanted)) if whole else blocks
        except OSError as error:
            if whole and error.errno == errno.EIO:  # the disk has lost some of it
                raise self._set_aside(file.handle, wanted) from error
            raise storage_error(error, self._path(wanted)) from error
        finally:
            file.close()

    def _open(self, digest: str) -> _Opened:
        path = self._path(parse(digest))
        try:
            return _Opened(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW))
        except FileNotFoundError:
            raise missing(digest) from None
        except OSError as error:
            raise storage_error(error, path) from error

    def _set_aside(self, handle: int, wanted: Digest) -> Exception:
        """Take a corrupt blob out of the way, unless it was stored anew meanwhile."""
        path, digest = self._path(wanted), ":".join(wanted)
        with storing(path), self._alone():
            private_folder(f"{self._folder}/corrupt")
            if _is(path, handle):
                os.rename(path, self._aside(wanted))
        self._told(digest)
        return corrupt(digest)

    def _was_there(self, digest: str) -> bool:
        return os.path.lexists(self._aside(parse(digest)))

    def _place_staged(self, staged: Staged, wanted: Digest) -> None:
        self._place(staged.path, staged.handle, wanted)

    def _place(self, path: str, handle: int, wanted: Digest) -> None:
        target = self._path(wanted)
        with storing(target):
            self._prepare()
            os.fchmod(handle, 0o444)
            os.fsync(handle)
            with self._alone():
                os.utime(handle)
                os.rename(path, target)
                with suppress(FileNotFoundError):
                    os.unlink(self._aside(wanted))
            _sync_folder(os.path.dirname(target))

    def _prepare(self) -> None:
        if self._made:
            return
        for algorithm in ALGORITHMS:
            private_folder(f"{self._folder}/blobs/{algorithm}")
        for name, data in (("index.json", INDEX), ("oci-layout", LAYOUT)):
            if not os.path.exists(f"{self._folder}/{name}"):
                write_whole(f"{self._folder}/{name}", data)
        self._made = True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """For moments: nobody else takes up, replaces or removes a blob meanwhile."""
        private_folder(self._folder)
        lock = os.open(f"{self._folder}/lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _path(self, digest: Digest) -> str:
        return f"{self._folder}/blobs/{digest.algorithm}/{digest.hex}"

    def _aside(self, digest: Digest) -> str:
        return f"{self._folder}/corrupt/{digest.algorithm}-{digest.hex}"


class _Opened:
    """An open file, closed at the latest when nobody has it any longer: what is never read is not left open."""

    __slots__ = ("handle",)

    def __init__(self, handle: int) -> None:
        self.handle = handle

    def taken(self) -> int:
        """The descriptor; whoever has it closes it."""
        handle, self.handle = self.handle, -1
        return handle

    def close(self) -> None:
        handle = self.taken()
        if handle >= 0:
            os.close(handle)

    __del__ = close


def _link_or_copy(path: str, target: str) -> None:
    """A regular file alone, never what a link leads to. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as source:
        if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
        try:
            os.link(path, target, follow_symlinks=False)
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EACCES):
                raise
            with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)


def _sync_folder(path: str) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is(path: str, handle: int) -> bool:
    try:
        return os.path.samestat(os.lstat(path), os.fstat(handle))
    except FileNotFoundError:
        return False


def _regular(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def _now() -> int:
    return time.time_ns() // 1000
