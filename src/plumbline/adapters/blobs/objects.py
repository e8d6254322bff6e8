"""Blobs in an object store, such as S3: an object each, ``blobs/<algorithm>/<hex>``; uploads lie on this disk until
they are whole.

1. An object is written in one step when its bytes are known to be right; the same bytes once more replace it.
2. When a blob was taken up last says an empty object beside it, ``touched/...``: objects cannot be touched.
3. An object that is not what its digest says is moved away, to ``corrupt/...``: nobody knows it until it is stored
   again.
4. Looking and removing are two steps here: what is stored again between them is gone, and whoever refers to it finds so
   and sends it once more. That takes bytes that nothing rested on for a day, and a push in that very moment.
"""

from __future__ import annotations

import os
import stat
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import obstore
import obstore.store
from obstore.exceptions import BaseError

from plumbline.adapters.blobs.checked import BLOCK, checked, digest_of
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
from plumbline.adapters.folders import private_folder, storing
from plumbline.kernel import PlumblineError, legible, t
from plumbline.model.ports.blobs import BlobInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plumbline.adapters.blobs.staging import Staged

_PART = 8 << 20  # bytes of a part of a large object


class ObjectBlobs(StagedUploads):
    """Implements :class:`plumbline.model.ports.blobs.BlobStore`. ``store``: of obstore; ``folder``: for uploads that go
    on; ``told`` hears of each blob that was found corrupt."""

    def __init__(self, store: Any, folder: str, told: Callable[[str], None] = lambda _digest: None) -> None:
        self._store = store
        super().__init__(f"{folder}/uploads")
        self._folder = folder
        self._told = told

    def put(self, data: bytes, algorithm: str = "sha256") -> str:
        found = hasher(algorithm)
        found.update(data)
        digest = Digest(algorithm, found.hexdigest())
        with _asking():
            obstore.put(self._store, _key(digest), data)
            self._drop(_aside(digest))
        return ":".join(digest)

    def take(self, path: str, digest: str = "") -> BlobInfo:
        wanted = parse(digest) if digest else None
        with storing(path):
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                info = os.fstat(handle)
                if not stat.S_ISREG(info.st_mode):
                    raise OSError(22, os.strerror(22), path)
                algorithm = wanted.algorithm if wanted else "sha256"
                found = Digest(algorithm, digest_of(blocks_of(handle, 0, info.st_size), algorithm))
            finally:
                os.close(handle)
        if wanted and found != wanted:
            raise digest_wrong(digest, ":".join(found))
        self._place(path, found)
        return BlobInfo(":".join(found), info.st_size, _now())

    def adopt(self, path: str, digest: str) -> BlobInfo | None:
        parse(digest)
        if (there := self.touch(digest)) is not None:
            return there
        try:
            return self.take(path, digest)
        except PlumblineError:
            return None

    def info(self, digest: str) -> BlobInfo | None:
        found = self._head(_key(parse(digest)))
        return None if found is None else BlobInfo(digest, found["size"], _micros(found))

    def touch(self, digest: str) -> BlobInfo | None:
        found = self.info(digest)
        if found is not None:
            with _asking():
                obstore.put(self._store, _mark(parse(digest)), b"")
        return found

    def read(self, digest: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        wanted = parse(digest)
        found = self._head(_key(wanted))
        if found is None:
            raise missing(digest)
        size = found["size"]
        last = size if end is None else min(end, size)
        whole = start == 0 and last == size
        if start >= last and not whole:
            return iter(())
        blocks = self._blocks(wanted, start, last)
        return checked(blocks, wanted, lambda: self._set_aside(wanted, found)) if whole else blocks

    def file(self, digest: str) -> None:
        """There is none on this disk."""
        parse(digest)

    def get(self, digest: str, most: int) -> bytes:
        found = self.info(digest)
        if found is not None and found.size > most:
            raise too_large(digest, found.size, most)
        return b"".join(self.read(digest))

    def open(self, digest: str) -> BinaryIO:
        with storing(self._folder):
            private_folder(self._folder)
            file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - whoever reads it closes it
        try:
            for block in self.read(digest):
                with storing(self._folder):
                    file.write(block)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def verify(self, digest: str) -> bool:
        try:
            for _ in self.read(digest):
                pass
        except PlumblineError as error:
            if error.code not in ("blob-corrupt", "blob-missing"):
                raise
            return False
        return True

    def remove(self, digest: str, *, unused_since: int) -> int:
        wanted = parse(digest)
        found = self.info(digest)
        if found is None or found.stored > unused_since:
            return 0
        mark = self._head(_mark(wanted))
        if mark is not None and _micros(mark) > unused_since:
            return 0
        with _asking():
            obstore.delete(self._store, _key(wanted))
            if mark is not None:
                self._drop(_mark(wanted))
        return found.size

    def all(self) -> Iterator[BlobInfo]:
        with _asking():
            for batch in obstore.list(self._store, "blobs"):
                for one in batch:
                    algorithm, _, value = one["path"].removeprefix("blobs/").partition("/")
                    if algorithm in ALGORITHMS and len(value) == hasher(algorithm).digest_size * 2:
                        yield BlobInfo(f"{algorithm}:{value}", one["size"], _micros(one))

    def tidy(self) -> None:
        """Nothing of ours is left half made: temporary files have no name, and objects are written in one step."""

    def _blocks(self, wanted: Digest, start: int, last: int) -> Iterator[bytes]:
        if start >= last:
            return
        with _asking():
            found = obstore.get(self._store, _key(wanted), options={"range": (start, last)})
            for block in found.stream(min_chunk_size=BLOCK):
                yield bytes(block)

    def _place_staged(self, staged: Staged, wanted: Digest) -> None:
        self._place(staged.path, wanted)

    def _place(self, path: str, wanted: Digest) -> None:
        with _asking():
            obstore.put(self._store, _key(wanted), Path(path), chunk_size=_PART)
            self._drop(_aside(wanted))

    def _set_aside(self, wanted: Digest, seen: Any) -> Exception:
        """Move a corrupt object away, unless it was stored anew meanwhile."""
        digest = ":".join(wanted)
        with _asking():
            now = self._head(_key(wanted))
            if now is not None and now["e_tag"] == seen["e_tag"]:
                obstore.copy(self._store, _key(wanted), _aside(wanted))
                obstore.delete(self._store, _key(wanted))
        self._told(digest)
        return corrupt(digest)

    def _head(self, key: str) -> Any:
        with _asking():
            try:
                return obstore.head(self._store, key)
            except FileNotFoundError:
                return None

    def _drop(self, key: str) -> None:
        with suppress(FileNotFoundError):
            obstore.delete(self._store, key)


def object_store(address: str) -> Any:
    """``s3://bucket/prefix``, with keys and region from the environment. Raises ValueError."""
    if not address.startswith("s3://") or not address.removeprefix("s3://").strip("/"):
        raise ValueError(address)
    try:
        return obstore.store.from_url(address, client_options={"timeout": "300s"})
    except BaseError as error:
        raise ValueError(str(error)) from error


@contextmanager
def _asking() -> Iterator[None]:
    """An object store that refuses or does not answer is said to."""
    try:
        yield
    except (BaseError, FileNotFoundError, PermissionError, TimeoutError) as error:
        reason = legible(str(error).partition("\n")[0][:300])
        raise PlumblineError(
            "storage-failed",
            t("the object store does not do it: {reason}", reason=reason),
            t("Look at the address, the keys (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) and the rights of the bucket."),
        ) from error


def _key(digest: Digest) -> str:
    return f"blobs/{digest.algorithm}/{digest.hex}"


def _mark(digest: Digest) -> str:
    return f"touched/{digest.algorithm}/{digest.hex}"


def _aside(digest: Digest) -> str:
    return f"corrupt/{digest.algorithm}/{digest.hex}"


def _micros(meta: Any) -> int:
    return int(meta["last_modified"].timestamp() * 1_000_000)


def _now() -> int:
    return time.time_ns() // 1000
