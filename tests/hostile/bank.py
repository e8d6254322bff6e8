"""A server in a process of its own, with people, a project that is well, and projects whose repository says nothing."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import digest, write_token
from plumbline.flow.tree.bind_repository import secret_place
from plumbline.http.session_cookie import cookie_name
from plumbline.model.person import ApiToken, Grant, Person, Role, Session
from plumbline.model.server import Binding
from plumbline.model.tree import INSTANCE, Node, NodeKind
from plumbline.wiring.server import OpenServer, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from plumbline.model.ports.transaction import Transaction

SECRET = b"known to the forge and to the server"
SILENT = 6  # projects
_DAY = 24 * 3600 * 1_000_000


class Bank(NamedTuple):
    """``cookies``: of the people that look at pages. ``token``: of somebody who may start pipelines."""

    cookies: list[str]
    token: str
    well: int  # project
    silent: list[int]  # projects


@contextmanager
def silent_remote() -> Iterator[str]:
    """The address of a server that accepts, and never answers."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=500) as listening:

        def accept() -> None:
            while True:
                try:
                    taken.append(listening.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            for one in taken:
                one.close()


def furnish(data: Path, database: str, repository: Path, remote: str, people: int) -> Bank:
    """Make the server's folder. ``repository`` is well; ``remote`` says nothing."""
    with OpenServer(ServerSettings(data=str(data), database=database or None)) as server:
        now = server.tools.units.clock()
        vault = server.server.vault
        with server.tools.units.store.change() as tx:
            settings: dict[str, object] = {"repository.hosts": [remote.removeprefix("http://"), "127.0.0.1"]}
            bank = tx.tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name="bank", path="bank", settings=settings))

            def project(name: str, url: str) -> int:
                made = tx.tree.add(Node(id=0, kind=NodeKind.PROJECT, name=name, path=f"bank/{name}", parent=bank.id)).id
                sealed = vault.seal(SECRET, secret_place(made))
                tx.bindings.put(Binding(project=made, kind="git", url=url, secret=sealed))
                return made

            well = project("well", str(repository))
            silent = [project(f"silent{number}", f"{remote}/{number}.git") for number in range(SILENT)]
            cookies = [_session(tx, f"user{number}", now) for number in range(people)]
            token = _token(tx, now)
    return Bank(cookies, token, well, silent)


def _session(tx: Transaction, name: str, now: int) -> str:
    secret = secrets.token_urlsafe(32)
    person = tx.people.add(Person(id=0, name=name, created=1))
    tx.grants.add(Grant(person=person.id, node=INSTANCE, role=Role.VIEWER))
    tx.sessions.add(Session(digest=digest(secret), person=person.id, created=now, seen=now))
    return f"{cookie_name(secure=False)}={secret}"


def _token(tx: Transaction, now: int) -> str:
    text, parts = write_token(secrets.token_bytes(8), secrets.token_bytes(32))
    person = tx.people.add(Person(id=0, name="ada", created=1))
    tx.grants.add(Grant(person=person.id, node=INSTANCE, role=Role.MAINTAINER))
    tx.tokens.add(
        ApiToken(
            id=parts.id,
            digest=digest(parts.secret),
            person=person.id,
            name="load",
            scopes=("all",),
            created=now,
            expires=now + _DAY,
        )
    )
    return text


class Served(NamedTuple):
    port: int
    process: int


@contextmanager
def served(data: Path, database: str, log: Path) -> Iterator[Served]:
    """``plumb up``, which runs no jobs."""
    command = [sys.executable, "-m", "plumbline", "--language", "en", "up", "--no-runner"]
    command += ["--data", str(data), "--listen", "127.0.0.1:0", *(["--database", database] if database else [])]
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
        )
    assert process.stdout is not None
    try:
        found = re.search(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline())
        assert found is not None, log.read_text()
        yield Served(int(found[1]), process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def memory(process: int) -> int:
    """Bytes that the server has in memory, which is a child of the process that was started (Linux); 0 where nobody
    tells."""
    try:
        with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
            return max((_resident(child) for child in file.read().split()), default=0)
    except OSError:
        return 0


def _resident(process: str) -> int:
    try:
        with open(f"/proc/{process}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
