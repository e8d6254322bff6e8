"""Connections: for SQLite the embedded file, for PostgreSQL an address; one for writing, some for reading."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from plumbline.adapters.store import refusals
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

READERS, FILE_READERS = 8, 24  # connections for reading; to a file they cost little, and making one costs more
PATIENCE = 10.0  # seconds to wait for a lock or a connection
_APPLICATION = 0x504C4D42  # "PLMB" in the header of a SQLite file
# One number for everybody who writes: what is committed in which order is then the order of the ledger.
_TURN = "select pg_advisory_xact_lock(5787214701)"


class Engines(msgspec.Struct, frozen=True, kw_only=True):
    """How one database is reached. ``place`` names it for people, without its password; ``path``: of a SQLite file.

    ``frozen``: nothing can be written. ``release`` is called when it is closed.
    """

    writer: Engine
    reader: Engine
    place: str
    path: str = ""
    options: str = "mode=ro"  # how a copy of a SQLite file is read
    frozen: bool = False
    release: Callable[[], None] | None = None

    @property
    def sqlite(self) -> bool:
        return bool(self.path)

    def close(self) -> None:
        self.writer.dispose()
        self.reader.dispose()
        if self.release is not None:
            self.release()


def make_private(path: str) -> None:
    """Make a file that only we may read, where there is none: it will hold hashes of passwords and sealed secrets."""
    from plumbline.adapters.folders import storing

    with storing(path):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def sqlite_engines(path: str, *, patience: float = PATIENCE) -> Engines:
    """The embedded database in a file."""
    writer = _sqlite(path, "BEGIN IMMEDIATE", patience, pool_size=1, max_overflow=0)
    reader = _sqlite(path, "BEGIN", patience, pool_size=FILE_READERS, max_overflow=FILE_READERS, read_only=True)
    return Engines(writer=writer, reader=reader, place=path, path=path)


def frozen_engines(path: str, options: str) -> Engines:
    """A file that is only read; ``options`` as SQLite's addresses of files have them."""

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(file_address(path, options), uri=True, isolation_level=None, check_same_thread=False)

    reader = create_engine("sqlite://", creator=connect, poolclass=QueuePool, hide_parameters=True)
    writer = create_engine("sqlite://", creator=connect, poolclass=QueuePool, hide_parameters=True)
    for engine, begin in ((reader, "BEGIN"), (writer, "BEGIN IMMEDIATE")):
        event.listen(engine, "begin", _begin(begin))
    return Engines(writer=writer, reader=reader, place=path, path=path, options=options, frozen=True)


def file_address(path: str, options: str) -> str:
    return f"file:{quote(path)}?{options}"


def postgresql_engines(address: str, *, patience: float = PATIENCE) -> Engines:
    """A database on a PostgreSQL server: ``postgresql://user:password@host:port/name``.

    Raises PlumblineError ``database-address-wrong`` or ``driver-missing``.
    """
    url = database_url(address)
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise PlumblineError(
            "driver-missing",
            t("The driver for PostgreSQL is not installed."),
            t("Install Plumbline with its extra for PostgreSQL: plumbline[pg]"),
        ) from error
    settings: dict[str, Any] = {"pool_pre_ping": True, "pool_timeout": patience, "hide_parameters": True}
    arguments = {
        "connect_timeout": max(2, int(patience)),
        "options": f"-c synchronous_commit=on -c lock_timeout={int(patience * 1000)} -c timezone=UTC",
        "application_name": "plumbline",
    }
    writer = create_engine(url, connect_args=arguments, pool_size=1, max_overflow=0, **settings)
    reader = create_engine(
        url,
        connect_args=arguments,
        pool_size=READERS,
        max_overflow=READERS,
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
        **settings,
    )
    event.listen(writer, "begin", _take_turn)
    return Engines(writer=writer, reader=reader, place=url.render_as_string(hide_password=True))


def database_url(address: str) -> URL:
    """The address for SQLAlchemy. Raises PlumblineError ``database-address-wrong``."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise PlumblineError(
            "database-address-wrong",
            t("The address of the database is not one of PostgreSQL."),
            t("Write it as postgresql://user:password@host:port/name; without one, a file in the data folder is used."),
            kind=ErrorKind.CONFIGURATION,
        )
    return url.set(drivername="postgresql+psycopg")


def _sqlite(path: str, begin: str, patience: float, *, read_only: bool = False, **settings: Any) -> Engine:
    arguments = {"isolation_level": None, "timeout": patience, "check_same_thread": False}
    # Errors must not quote what is stored: it may be a secret, and it may be large.
    settings |= {"pool_timeout": patience, "hide_parameters": True}
    engine = create_engine(URL.create("sqlite", database=path), connect_args=arguments, **settings)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        tune(connection)
        if read_only:
            connection.execute("pragma query_only = on")

    event.listen(engine, "begin", _begin(begin))
    return engine


def _begin(statement: str) -> Callable[[Connection], None]:
    def start(connection: Connection) -> None:
        file = connection.connection.driver_connection  # itself: this is once for each page, and all are read so
        assert isinstance(file, sqlite3.Connection)
        file.execute(statement)

    return start


def tune(connection: sqlite3.Connection) -> None:
    """Durable before it is acknowledged, and readers never wait for the writer."""
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma journal_size_limit = 67108864")


def mark_as_ours(connection: Connection) -> None:
    """So that nobody takes the file for another program's."""
    connection.exec_driver_sql(f"pragma application_id = {_APPLICATION}")


def check_file(path: str) -> None:
    """Raises PlumblineError ``store-not-a-database`` or ``store-foreign`` where a file is there and is not ours."""
    try:
        with open(path, "rb") as file:
            head = file.read(100)
    except FileNotFoundError:
        return
    except OSError as error:
        raise refusals.unreadable(path, error.strerror or str(error)) from error
    if head and not head.startswith(b"SQLite format 3\0"):
        raise refusals.not_a_database(path)
    if len(head) == 100 and int.from_bytes(head[68:72]) not in (0, _APPLICATION):
        raise refusals.foreign(path)


def check_folder(folder: str) -> None:
    """Make the data folder; one that is there is ours alone from now on. Raises PlumblineError ``storage-failed`` or
    ``store-read-only``."""
    from plumbline.adapters.folders import storing, take_over

    with storing(folder):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        take_over(folder, ())
    if not os.access(folder, os.W_OK | os.X_OK):
        raise refusals.read_only(folder, t("you have no permission"))


def _take_turn(connection: Connection) -> None:
    connection.exec_driver_sql(_TURN)
