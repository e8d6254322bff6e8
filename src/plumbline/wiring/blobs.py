"""Opens the content-addressed store of a server, and finds in it what jobs left."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from plumbline.adapters.blobs import DiskBlobs
from plumbline.adapters.data_folder import BLOBS, artifact_folder
from plumbline.flow.pipelines.tools import Left

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.adapters.store import Store
    from plumbline.model.job import KeptFile
    from plumbline.model.ports.blobs import BlobStore
    from plumbline.model.server import StoredJob


def open_blobs(data: str, told: Callable[[str], None] = lambda _digest: None) -> BlobStore:
    """``data``: the data folder; ``told`` hears of each blob that was found corrupt."""
    return DiskBlobs(os.path.join(data, BLOBS), told)


def finder(blobs: BlobStore, data: str) -> Callable[[StoredJob, KeptFile], Left | None]:
    """Gives the bytes of what a job left. What is in the folder of its job only, since it is older than the store of
    blobs, becomes a blob on the way."""

    def left_of(job: StoredJob, file: KeptFile) -> Left | None:
        path = f"{artifact_folder(data, job.id)}/{file.name}"
        if not file.digest:
            info = blobs.take(path) if os.path.isfile(path) else None
        else:
            info = blobs.info(file.digest) or blobs.adopt(path, file.digest)
        return Left(info.size, blobs.read(info.digest)) if info is not None else None

    return left_of


def digests_of(store: Store) -> Callable[[int, str], str]:
    """The digest by which a file of a job is known, empty where it is not."""

    def digest_of(job: int, name: str) -> str:
        with store.view() as tx:
            found = tx.keeping.file(job, name)
        return found.digest if found is not None else ""

    return digest_of
