"""Putting a backup back: beside what is there first, then in its place, and verified in between."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import subprocess
import tarfile
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec

from plumbline.adapters.folders import storing
from plumbline.adapters.store.backup import DATA, DUMP, LEFT_OUT, MANIFEST
from plumbline.adapters.store.beginning import BACKUPS, set_aside
from plumbline.adapters.store.engine import check_folder
from plumbline.adapters.store.errors import telling
from plumbline.adapters.store.opening import FILE, open_store, reach
from plumbline.adapters.store.schema import REVISION
from plumbline.adapters.store.scratch import scratch_folder
from plumbline.adapters.store.snapshot import connection_settings
from plumbline.adapters.store.transfer import carry
from plumbline.adapters.store.version import stored_revision
from plumbline.evidence import check_names_once, link
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.backup import Backup
from plumbline.model.event import NO_CHAIN
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from plumbline.adapters.store.engine import Engines
    from plumbline.adapters.store.opening import StoreSettings
    from plumbline.adapters.store.store import Store
    from plumbline.kernel import Text


# Connections of other processes of ours to the same database.
_OTHERS = (
    "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'plumbline' "
    "and pid <> pg_backend_pid()"
)


def restore(settings: StoreSettings, path: str, *, force: bool = False) -> Backup:
    """Put a backup into a data folder (and, with an address, into that database), and verify its ledger. A backup of a
    SQLite file may go into a PostgreSQL database.

    What was in the folder is moved to ``backups/`` in it where ``force`` says so. Raises PlumblineError
    ``not-a-backup``, ``backup-newer``, ``backup-kind``, ``store-exists``, ``store-in-use``, ``backup-broken``; then the
    folder is as it was.
    """
    check_folder(settings.data)
    _may_replace(settings, force)
    with storing(settings.data), scratch_folder(settings.data, ".restore-") as folder:
        made = _unpack(path, folder)
        _fits(made, settings)
        _has(path, f"{folder}/{DUMP if made.database == 'postgresql' else FILE}")
        # An upgrade, where the backup is an older one, needs no further backup.
        copy = msgspec.structs.replace(settings, data=folder, address="", upgrade=True, backup=False)
        if made.database == "sqlite":
            _check(open_store(copy), made, path)
        if settings.address:
            if made.database == "sqlite":
                _carry(copy, settings)
            else:
                _load(settings, f"{folder}/{DUMP}", force)
            _check(open_store(msgspec.structs.replace(settings, upgrade=True)), made, path)
        _move_in(folder, settings.data, database=not settings.address)
    return made


def _may_replace(settings: StoreSettings, force: bool) -> None:
    there = [name for name in os.listdir(settings.data) if not name.startswith(".") and name not in LEFT_OUT - {FILE}]
    if there and not force:
        raise PlumblineError(
            "store-exists",
            t("There is something in {place} already: {name}", place=settings.data, name=sorted(there)[0]),
            t("Name an empty folder with --data, or use --force: what is there is moved to {folder}.", folder=BACKUPS),
            kind=ErrorKind.REFUSED,
        )
    if FILE in there:
        _nobody_uses(os.path.join(settings.data, FILE))


def _nobody_uses(path: str) -> None:
    """Raises PlumblineError ``store-in-use`` where another process has the file open."""
    try:
        with closing(sqlite3.connect(path, timeout=0.5, isolation_level=None)) as connection:
            connection.execute("pragma locking_mode = exclusive")
            connection.execute("begin exclusive")
            connection.execute("rollback")
    except sqlite3.DatabaseError as error:
        if (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF != sqlite3.SQLITE_BUSY:
            return  # damaged, or no database at all: the more it is replaced
        raise _in_use(path) from error


def _in_use(place: str) -> PlumblineError:
    return PlumblineError(
        "store-in-use", t("{place} is in use.", place=place), t("Stop the server first."), kind=ErrorKind.REFUSED
    )


def _unpack(path: str, folder: str) -> Backup:
    try:
        with gzip.open(path) as stream:
            while stream.read(1 << 20):  # to its end, where the checksum is, before anything of it is believed
                pass
        with gzip.open(path) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            archive.extractall(folder, filter="data")
        _has(path, f"{folder}/{MANIFEST}")
        with open(f"{folder}/{MANIFEST}", "rb") as file:
            data = file.read()
        check_names_once(data)
        return msgspec.json.decode(data, type=ready(Backup))
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        if error.filename not in (None, path):
            raise
        raise PlumblineError(
            "no-backup",
            t("The backup {path} cannot be read: {reason}", path=path, reason=error.strerror or error),
            t("Name the file that `plumb backup` wrote."),
            kind=ErrorKind.CONFIGURATION,
        ) from error
    except (tarfile.TarError, zlib.error, EOFError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise _no_backup(path, error) from error
    except OSError as error:
        if error.errno:
            raise
        raise _no_backup(path, error) from error  # gzip: not a gzipped file, wrong checksum


def _has(path: str, part: str) -> None:
    if not os.path.isfile(part):
        raise _no_backup(path, t("it has no {name}", name=os.path.basename(part)))


def _no_backup(path: str, reason: object) -> PlumblineError:
    return PlumblineError(
        "not-a-backup",
        t("{path} is not a backup, or not a whole one: {reason}", path=path, reason=reason),
        t("Take another file that `plumb backup` wrote."),
        kind=ErrorKind.CONFIGURATION,
    )


def _fits(made: Backup, settings: StoreSettings) -> None:
    if made.format > 1 or not made.revision.isdigit() or int(made.revision) > int(REVISION):
        raise PlumblineError(
            "backup-newer",
            t("The backup was made by Plumbline {version}, which is newer than this one.", version=made.version),
            t("Install that version, and restore with it."),
        )
    if made.database == "postgresql" and not settings.address:
        raise PlumblineError(
            "backup-kind",
            t("The backup holds a database for PostgreSQL, which is not put into a file."),
            t("Name a PostgreSQL database with --database."),
            kind=ErrorKind.CONFIGURATION,
        )


def _carry(copy: StoreSettings, settings: StoreSettings) -> None:
    """Put a SQLite file, with today's tables, into an empty PostgreSQL database."""
    source, target = reach(copy), reach(settings)
    try:
        with telling(target.place), target.reader.connect() as connection:
            if stored_revision(connection, target.place) is not None:
                hint = t("Name an empty database: what comes from a file is put into no other.")
                raise _exists(target, hint)
        carry(source, target)
    finally:
        source.close()
        target.close()


def _exists(engines: Engines, hint: Text) -> PlumblineError:
    message = t("{place} holds a store already.", place=engines.place)
    return PlumblineError("store-exists", message, hint, kind=ErrorKind.REFUSED)


def _load(settings: StoreSettings, dump: str, force: bool) -> None:
    """Put a dump into a PostgreSQL database: an empty one, or one of ours where ``force`` says so."""
    engines = reach(settings)
    try:
        with telling(engines.place), engines.reader.connect() as connection:
            used = stored_revision(connection, engines.place) is not None
            others = connection.exec_driver_sql(_OTHERS).scalar_one()
        if used and not force:
            raise _exists(engines, t("Name an empty database, or use --force: what is in it is lost then."))
        if others:
            raise _in_use(engines.place)
        tool = shutil.which("pg_restore")
        if tool is None:
            raise PlumblineError(
                "no-dump-tool",
                t("The backup cannot be restored: pg_restore is not installed."),
                t("Install PostgreSQL's client programs."),
            )
        command = [tool, "--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"]
        environment, name = connection_settings(engines)
        done = subprocess.run(
            [*command, f"--dbname={name}", dump], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise PlumblineError(
                "restore-failed",
                t("The backup cannot be restored: {reason}", reason=done.stderr.strip()[-300:]),
                t("The database is as it was. Mend what pg_restore says, and repeat it."),
            )
    finally:
        engines.close()


def _check(store: Store, made: Backup, path: str) -> None:
    """Every entry's chain value, and that of the last against the backup's own word."""
    try:
        chain, seq = NO_CHAIN, 0
        for entry in store.ledger.read():
            chain = link(chain, seq + 1, entry.received, entry.body, entry.sender)
            if entry.seq != seq + 1 or entry.chain != chain:
                raise _broken(path, seq + 1)
            seq += 1
        if (seq, chain.hex()) != (made.entries, made.chain):
            raise _broken(path, seq)
    finally:
        store.close()


def _broken(path: str, seq: int) -> PlumblineError:
    return PlumblineError(
        "backup-broken",
        t("The ledger in {path} is broken at entry {seq}.", path=path, seq=seq),
        t("Do not use this backup: somebody changed it, or its medium did. Take another one."),
    )


def _move_in(folder: str, data: str, *, database: bool) -> None:
    """Put what was unpacked in its place; what was there goes to ``backups/``."""
    kept = f"{folder}/{DATA}"
    # What no backup of ours holds is left out: keys are not replaced, and copies of repositories may have hooks.
    names = [name for name in (os.listdir(kept) if os.path.isdir(kept) else ()) if not name.startswith(".")]
    new = {name: f"{kept}/{name}" for name in names if name not in LEFT_OUT}
    if database:
        new[FILE] = f"{folder}/{FILE}"
    old = [name for name in os.listdir(data) if not name.startswith(".") and name not in LEFT_OUT - {FILE}]
    set_aside(data, old)
    for name, source in new.items():
        os.rename(source, f"{data}/{name}")
