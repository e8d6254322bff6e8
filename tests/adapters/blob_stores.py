"""The ways to keep blobs that every test of the contract is about. With ``PLUMBLINE_TEST_S3`` (``s3://bucket/prefix``)
and the usual ``AWS_...`` variables in the environment, a real object store is one of them."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Any

import obstore
from obstore.store import LocalStore, MemoryStore

from plumbline.adapters.blobs import DiskBlobs
from plumbline.adapters.blobs.objects import ObjectBlobs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from plumbline.model.ports.blobs import BlobStore

REAL = os.environ.get("PLUMBLINE_TEST_S3", "")
KINDS = ("disk", "memory", "folder", *(["s3"] if REAL else []))


class Opened:
    """A store, and what can be done to it from outside. ``again``: as another process sees it."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self._folder = kind, folder
        self.told: list[str] = []
        self._store = self._objects() if kind != "disk" else None
        self.blobs: BlobStore = self.again()

    def again(self) -> BlobStore:
        if self._store is None:
            return DiskBlobs(str(self._folder / "oci"), self.told.append)
        return ObjectBlobs(self._store, str(self._folder / "oci"), self.told.append)

    def spoil(self, digest: str, change: Callable[[bytes], bytes]) -> None:
        """Change the bytes of a blob where they lie."""
        algorithm, _, value = digest.partition(":")
        if self._store is not None:
            key = f"blobs/{algorithm}/{value}"
            obstore.put(self._store, key, change(bytes(obstore.get(self._store, key).bytes())))
            return
        path = self._folder / "oci/blobs" / algorithm / value
        path.chmod(0o600)
        path.write_bytes(change(path.read_bytes()))
        path.chmod(0o444)

    def _objects(self) -> Any:
        if self.kind == "memory":
            return MemoryStore()
        if self.kind == "folder":
            return LocalStore(self._folder / "bucket", mkdir=True)
        return obstore.store.from_url(f"{REAL}/{secrets.token_hex(6)}")
