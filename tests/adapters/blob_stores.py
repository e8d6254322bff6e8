"""The ways to keep blobs that every test of the contract is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.adapters.blobs import DiskBlobs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from plumbline.model.ports.blobs import BlobStore

KINDS = ("disk",)


class Opened:
    """A store, and what can be done to it from outside. ``again``: as another process sees it."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self._folder = kind, folder
        self.told: list[str] = []
        self.blobs: BlobStore = self.again()

    def again(self) -> BlobStore:
        return DiskBlobs(str(self._folder / "oci"), self.told.append)

    def spoil(self, digest: str, change: Callable[[bytes], bytes]) -> None:
        """Change the bytes of a blob where they lie."""
        algorithm, _, value = digest.partition(":")
        path = self._folder / "oci/blobs" / algorithm / value
        path.chmod(0o600)
        path.write_bytes(change(path.read_bytes()))
        path.chmod(0o444)
