"""Opens the content-addressed store of a server, and finds in it what jobs left."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from plumbline.adapters.blobs import DiskBlobs
from plumbline.adapters.data_folder import BLOBS, artifact_folder
from plumbline.flow.pipelines.tools import Left
from plumbline.kernel import ErrorKind, PlumblineError, Text, legible, t

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.adapters.store import Store
    from plumbline.model.job import KeptFile
    from plumbline.model.ports.blobs import BlobStore
    from plumbline.model.server import StoredJob

_ADDRESS = "artifact-store"


def open_blobs(data: str, told: Callable[[str], None] = lambda _digest: None, address: str = "") -> BlobStore:
    """``data``: the data folder; ``told`` hears of each blob that was found corrupt. ``address``: of an object store;
    empty: in the data folder. Raises PlumblineError ``object-store-unusable``."""
    folder = os.path.join(data, BLOBS)
    if not address:
        return DiskBlobs(folder, told)
    try:
        from plumbline.adapters.blobs.objects import ObjectBlobs, object_store
    except ImportError:
        raise _unusable(address, t("the library for object stores is not installed"),
                        t("Install plumbline with its extra 's3'.")) from None  # fmt: skip
    try:
        return ObjectBlobs(object_store(address), folder, told)
    except ValueError as error:
        hint = t("Write s3://BUCKET or s3://BUCKET/PREFIX; keys, region and endpoint are AWS_... in the environment.")
        raise _unusable(address, legible(str(error).partition("\n")[0][:200]), hint) from error


def settle_address(store: Store, data: str, address: str, *, moved: bool) -> None:
    """Hold the place of the blobs against that of the last start, and remember it: for backups and the doctor, who are
    not told. Raises PlumblineError ``artifacts-elsewhere``."""
    with store.view() as tx:
        known = tx.settings.get(_ADDRESS)
    before = (known or b"").decode(errors="replace")
    if before == address and known is not None:
        return
    if before != address and not moved and (before or _any_blob(data)):
        raise PlumblineError(
            "artifacts-elsewhere",
            t("The artifacts of this server are in {before}, and not in {place}.",
              before=before or os.path.join(data, BLOBS), place=address or os.path.join(data, BLOBS)),
            t("Start as before; or copy the folder blobs there, and start once with --artifacts-moved."),
            kind=ErrorKind.CONFIGURATION,
        )  # fmt: skip
    with store.change() as tx:
        tx.settings.put(_ADDRESS, address.encode())


def known_address(store: Store) -> str:
    """Where the blobs are: the address of an object store; empty: in the data folder."""
    with store.view() as tx:
        return (tx.settings.get(_ADDRESS) or b"").decode(errors="replace")


def _any_blob(data: str) -> bool:
    return next(DiskBlobs(os.path.join(data, BLOBS)).all(), None) is not None


def _unusable(address: str, reason: Text | str, hint: Text) -> PlumblineError:
    return PlumblineError(
        "object-store-unusable",
        t("The object store {address} cannot be used: {reason}", address=address, reason=reason),
        hint,
        kind=ErrorKind.CONFIGURATION,
    )


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
