"""Backups: one file with the database as it was at one moment, and what the data folder holds beside it.

A gzipped tar: ``backup.json`` (:class:`plumbline.model.Backup`), ``plumbline.db`` or ``plumbline.dump``, then the files
of the data folder under ``data/``.
"""

from __future__ import annotations

import io
import os
import stat
import tarfile
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from plumbline import __version__
from plumbline.adapters.data_folder import BLOBS
from plumbline.adapters.folders import storing, temporary_name
from plumbline.adapters.store.appending import head_of
from plumbline.adapters.store.beginning import BACKUPS
from plumbline.adapters.store.older import open_for_reading
from plumbline.adapters.store.opening import FILE
from plumbline.adapters.store.scratch import scratch_folder
from plumbline.adapters.store.snapshot import copy_sqlite, dump_postgresql
from plumbline.adapters.store.version import stored_revision
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.backup import Backup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.adapters.store.opening import StoreSettings
    from plumbline.adapters.store.store import Store

MANIFEST, DUMP, DATA = "backup.json", "plumbline.dump", "data"
# Not kept: older backups, the keys that open what is sealed (they must not lie beside it), and what is made anew.
LEFT_OUT = frozenset({BACKUPS, "keys", "local", "mirrors", "outside", "work", "caches", "cache", "locks", FILE})

_PASSING = (f"{BLOBS}/uploads", f"{BLOBS}/corrupt")  # what is half there, and what is wrong


def back_up(settings: StoreSettings, path: str) -> Backup:
    """Write a backup while the store is in use. An existing file is replaced only once the new one is whole; a link
    stays one. The copy is made where the backup goes: there may be no room left where the store is.

    Raises PlumblineError ``backup-not-a-file``, and as opening a store does.
    """
    path = os.path.realpath(path)
    if os.path.exists(path) and not os.path.isfile(path):
        raise PlumblineError(
            "backup-not-a-file",
            t("{path} is there, and it is no file.", path=path),
            t("Name a new file in a folder with enough room."),
            kind=ErrorKind.CONFIGURATION,
        )
    settings = msgspec.structs.replace(settings, create=False)
    store = open_for_reading(settings)
    temporary = temporary_name(path)
    try:
        with storing(path), scratch_folder(os.path.dirname(path), ".backup-") as folder:
            name = DUMP if settings.address else FILE
            made = _copy(store, settings, f"{folder}/{name}")
            with open(temporary, "xb", opener=_private) as file:
                _pack(file, made, f"{folder}/{name}", name, settings.data)
                os.fsync(file.fileno())
            os.rename(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    finally:
        store.close()
    return made


def _copy(store: Store, settings: StoreSettings, path: str) -> Backup:
    """Copy the database, and say what is in the copy."""
    if settings.address:
        with store.reading() as connection:
            moment = connection.exec_driver_sql("select pg_export_snapshot()").scalar_one()
            entries, chain = head_of(connection)
            revision = stored_revision(connection, store.place)
            dump_postgresql(store.engines, path, moment)
    else:
        copy_sqlite(store.engines.path, path, store.engines.options)
        copied = open_for_reading(msgspec.structs.replace(settings, data=os.path.dirname(path)))
        try:
            with copied.reading() as connection:
                entries, chain = head_of(connection)
                revision = stored_revision(connection, path)
        finally:
            copied.close()
    return Backup(
        database="postgresql" if settings.address else "sqlite",
        revision=revision or "",
        entries=entries,
        chain=chain.hex(),
        made=store.clock(),
        version=__version__,
        blobs=_blobs_in(settings.data),
    )


def _blobs_in(data: str) -> int:
    """What was stored by now; more of them may come before they are packed, and what is named in the database is there
    unless it is let go in these minutes."""
    count = 0
    for algorithm in ("sha256", "sha512"):
        with suppress(FileNotFoundError):
            count += len(os.listdir(f"{data}/{BLOBS}/blobs/{algorithm}"))
    return count


def _pack(file: io.BufferedWriter, made: Backup, database: str, name: str, data: str) -> None:
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1, format=tarfile.PAX_FORMAT) as archive:
        manifest = msgspec.json.format(msgspec.json.encode(made))
        head = tarfile.TarInfo(MANIFEST)
        head.size, head.mtime, head.mode = len(manifest), made.made // 1_000_000, 0o600
        archive.addfile(head, io.BytesIO(manifest))
        archive.add(database, name)
        for path in _files(data):
            with suppress(FileNotFoundError):  # removed in the meantime
                archive.add(f"{data}/{path}", f"{DATA}/{path}", recursive=False)


def _files(data: str) -> Iterator[str]:
    """Folders and files to keep, relative to the data folder."""
    for top in sorted(os.listdir(data)):
        if top in LEFT_OUT or top.startswith((".", f"{FILE}-")):
            continue
        if not stat.S_ISDIR(os.lstat(f"{data}/{top}").st_mode):
            yield top
            continue
        for folder, _, names in os.walk(f"{data}/{top}"):
            inside = os.path.relpath(folder, data)
            if inside in _PASSING:
                continue
            yield inside
            yield from (f"{inside}/{name}" for name in sorted(names) if _plain(f"{folder}/{name}"))


def _plain(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except FileNotFoundError:
        return False


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
