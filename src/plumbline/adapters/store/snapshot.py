"""A copy of the whole database at one moment, while it is in use."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from plumbline.adapters.folders import storing, temporary_name
from plumbline.adapters.store.beginning import BACKUPS
from plumbline.adapters.store.engine import check_folder, file_address, make_private
from plumbline.adapters.store.errors import telling
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from plumbline.adapters.store.engine import Engines


def keep_snapshot(engines: Engines, data: str, revision: str | None) -> str:
    """Copy the database into the data folder; the path of the copy. Raises PlumblineError ``no-dump-tool``, ..."""
    folder = os.path.join(data, BACKUPS)
    check_folder(folder)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    path = os.path.join(folder, f"before-upgrade-of-{revision}-{stamp}{'.db' if engines.sqlite else '.dump'}")
    temporary = temporary_name(path)
    try:
        if engines.sqlite:
            copy_sqlite(engines.path, temporary)
        else:
            dump_postgresql(engines, temporary)
        with storing(path):
            os.rename(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    return path


def copy_sqlite(path: str, copy: str, options: str = "mode=ro") -> None:
    """Copy a SQLite file with the library's own means: readers and writers go on meanwhile. ``options``: as its address
    has them. What does not fit is told of the copy's place, not of the original's."""
    make_private(copy)
    with telling(path), closing(sqlite3.connect(file_address(path, options), uri=True)) as source:
        source.execute("select count(*) from sqlite_master").fetchone()  # what is wrong with it is said of it
        with telling(copy), closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            target.execute("pragma journal_mode = delete")
    with storing(copy):
        descriptor = os.open(copy, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def dump_postgresql(engines: Engines, path: str, moment: str = "") -> None:
    """``pg_dump`` in its own format; ``moment`` is a snapshot that a transaction exported.

    Raises PlumblineError ``no-dump-tool`` or ``dump-failed``."""
    tool = shutil.which("pg_dump")
    if tool is None:
        raise PlumblineError(
            "no-dump-tool",
            t("The database cannot be backed up: pg_dump is not installed."),
            t("Install PostgreSQL's client programs, or make a backup yourself and use --no-backup."),
        )
    environment, name = connection_settings(engines)
    make_private(path)
    command = [tool, "--format=custom", "--no-owner", "--no-privileges", f"--file={path}", f"--dbname={name}"]
    if moment:
        command.append(f"--snapshot={moment}")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PlumblineError(
            "dump-failed",
            t("The database cannot be backed up: {reason}", reason=done.stderr.strip()[-300:]),
            t("Mend what pg_dump says, or make a backup yourself and use --no-backup."),
        )


def connection_settings(engines: Engines) -> tuple[dict[str, str], str]:
    """The environment in which PostgreSQL's programs reach the database (no password among their arguments), and its
    name."""
    url = engines.writer.url
    options = {"PGHOST": url.host or url.query.get("host"), "PGPORT": url.port or url.query.get("port")}
    options |= {"PGUSER": url.username, "PGPASSWORD": url.password, "PGSSLMODE": url.query.get("sslmode")}
    return {**os.environ, **{name: str(value) for name, value in options.items() if value}}, url.database or ""
