"""The half of every store of blobs that uploads go through: they lie on this disk until they are whole."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from plumbline.adapters.blobs.digests import Digest, digest_wrong, parse
from plumbline.adapters.blobs.staging import Staging
from plumbline.model.ports.blobs import BlobInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plumbline.adapters.blobs.staging import Staged


class StagedUploads(ABC):
    """Implements the part of :class:`plumbline.model.ports.blobs.BlobStore` that is about uploads."""

    def __init__(self, folder: str) -> None:
        self._staging = Staging(folder)

    def begin(self, algorithm: str = "sha256") -> str:
        return self._staging.begin(algorithm)

    def written(self, upload: str) -> int | None:
        return self._staging.written(upload)

    def write(self, upload: str, offset: int, data: Iterable[bytes]) -> int:
        return self._staging.write(upload, offset, data)

    def finish(self, upload: str, digest: str) -> int:
        try:
            wanted = parse(digest)
        except Exception:
            self._staging.abandon(upload)
            raise
        with self._staging.whole(upload, wanted.algorithm) as (staged, found):
            if found != wanted.hex:
                self._staging.abandon(upload)
                raise digest_wrong(digest, f"{wanted.algorithm}:{found}")
            self._place_staged(staged, wanted)
            self._staging.abandon(upload)
            return staged.size

    def seal(self, upload: str) -> BlobInfo:
        with self._staging.whole(upload, "sha256") as (staged, found):
            self._place_staged(staged, Digest("sha256", found))
            self._staging.abandon(upload)
            return BlobInfo(f"sha256:{found}", staged.size, time.time_ns() // 1000)

    def abandon(self, upload: str) -> None:
        self._staging.abandon(upload)

    def uploads(self) -> Iterator[tuple[str, int]]:
        return self._staging.all()

    @abstractmethod
    def _place_staged(self, staged: Staged, wanted: Digest) -> None:
        """Make what is staged, and known to be right, the blob of this digest, durable when this returns."""
