"""How soon the server has a page ready, in a bank of 500 systems: asked for one after the other."""

from __future__ import annotations

import re
import secrets
import signal
import statistics
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING

from bench.large_bank import fill, person
from bench.measure import CommandError, environment, within
from bench.peers import PLUMB
from plumbline.access import digest
from plumbline.http.session_cookie import cookie_name
from plumbline.model.person import Session
from plumbline.model.tree import INSTANCE
from plumbline.wiring.server import OpenServer, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.measure import Figure

ENTRIES, PEOPLE, ROUNDS = 100_000, 50, 15
MOST = 80  # ms
PATHS = {"home": "/", "wall": "/estate", "tree": "/tree", "pipelines": "/pipelines", "pipeline": "/pipelines/9000",
         "job": "/jobs/90000", "system": "/nodes/12", "project": "/projects/13", "ledger": "/ledger",
         "entry": "/ledger/90000", "search": "/search?q=unit"}  # fmt: skip


def of_large_bank(scratch: Path) -> Iterator[Figure]:
    with OpenServer(ServerSettings(data=str(scratch / "data"), isolation="none")) as server:
        fill(server.tools, entries=ENTRIES, people=PEOPLE)
        actor, secret = person(server.tools, INSTANCE), secrets.token_urlsafe(32)
        now = server.tools.units.clock()
        with server.tools.units.store.change() as tx:
            tx.sessions.add(Session(digest=digest(secret), person=actor.person.id, created=now, seen=now))
    arguments = [PLUMB, "up", "--data", str(scratch / "data"), "--listen", "127.0.0.1:0", "--isolation", "none"]
    with open(scratch / "pages.log", "ab") as log:
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=log, text=True, env=environment())
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+:\d+", process.stdout.readline())
        if found is None:
            raise CommandError(f"plumb up did not start: {(scratch / 'pages.log').read_text()[-500:]}")
        cookie = f"{cookie_name(secure=False)}={secret}"
        for name, path in PATHS.items():
            times, size = _asked(found.group() + path, cookie)
            note = f"median of {ROUNDS}, slowest {max(times) * 1e3:.0f} ms; {size / 1000:.0f} kB"
            yield within(f"{name} of 500 systems", "ms", statistics.median(times) * 1e3, MOST, note)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


def _asked(address: str, cookie: str) -> tuple[list[float], int]:
    """Seconds of each answer, but for the first; bytes of the page."""
    times, size = [], 0
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        with urllib.request.urlopen(urllib.request.Request(address, headers={"Cookie": cookie}), timeout=60) as answer:
            size = len(answer.read())
        times.append(time.perf_counter() - began)
    return times[1:], size
