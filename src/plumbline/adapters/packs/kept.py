"""Packs and attached documents that assessments used, kept by their digest in the data folder."""

from __future__ import annotations

import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from plumbline.adapters.folders import private_folder, storing, write_whole
from plumbline.maturity import PackFile, canonical, revive


class KeptFiles:
    """``folder`` is made when the first file is kept. The same bytes are kept once."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def keep(self, data: bytes) -> str:
        """Returns its digest. Raises PlumblineError where there is no room."""
        digest = sha256(data).hexdigest()
        path = os.path.join(self._folder, digest)
        if not os.path.exists(path):
            with storing(path):
                private_folder(self._folder)
                write_whole(path, data, 0o600)
        return f"sha256:{digest}"

    def get(self, digest: str) -> bytes | None:
        """None where there is none, or where what is there has other bytes."""
        name = digest.removeprefix("sha256:")
        if len(name) != 64 or not name.isalnum():
            return None
        try:
            data = Path(self._folder, name).read_bytes()
        except OSError:
            return None
        return data if sha256(data).hexdigest() == name else None


class KeptPacks:
    def __init__(self, folder: str) -> None:
        self._files = KeptFiles(folder)
        self._read = lru_cache(maxsize=32)(self._load)

    def keep(self, pack: PackFile) -> None:
        self._files.keep(canonical(pack.pack))

    def get(self, digest: str) -> PackFile | None:
        try:
            return self._read(digest)
        except LookupError:  # not remembered: it may come back from a backup
            return None

    def _load(self, digest: str) -> PackFile:
        data = self._files.get(digest)
        if data is None:
            raise LookupError(digest)
        return PackFile(revive(data))
