"""Packs that an operator made from catalogues of others, kept by their ids in the data folder."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

import msgspec

from plumbline.adapters.folders import private_folder, storing, write_whole
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.maturity import Pack, PackFile, canonical, revive

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_END = ".json"


class ImportedPacks:
    """``folder`` is made when the first one is kept."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def names(self) -> tuple[str, ...]:
        try:
            found = os.listdir(self._folder)
        except OSError:
            return ()
        return tuple(sorted(name.removesuffix(_END) for name in found if name.endswith(_END) and _NAME.fullmatch(name)))

    def keep(self, pack: Pack, taken: tuple[str, ...]) -> None:
        """In place of the one of the same id. ``taken``: ids of the packs that come along.

        Raises PlumblineError ``pack-name``."""
        if pack.id in taken or not _NAME.fullmatch(pack.id):
            raise PlumblineError(
                "pack-name",
                t("A pack cannot be kept as '{id}'.", id=pack.id),
                t("Give another with --id: letters, digits, dots and dashes, and none that comes along."),
                kind=ErrorKind.CONFIGURATION,
            )
        path = os.path.join(self._folder, pack.id + _END)
        with storing(path):
            private_folder(self._folder)
            write_whole(path, canonical(pack))

    def get(self, name: str) -> PackFile | None:
        """None where there is none of this name. Raises PlumblineError ``file-unusable`` where it cannot be read."""
        if not _NAME.fullmatch(name):
            return None
        path = os.path.join(self._folder, name + _END)
        try:
            changed = os.stat(path).st_mtime_ns
        except OSError:
            return None
        return _read(path, changed)


@lru_cache(maxsize=32)
def _read(path: str, _changed: int) -> PackFile:
    try:
        return PackFile(revive(Path(path).read_bytes()))
    except (OSError, msgspec.MsgspecError) as error:
        raise PlumblineError(
            "file-unusable",
            t("{path} cannot be used: {reason}", path=path, reason=error),
            t("Import the catalogue again: `plumb pack import --keep`."),
            kind=ErrorKind.CONFIGURATION,
        ) from None
