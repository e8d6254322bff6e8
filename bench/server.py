"""How soon the server answers, and what it holds in memory while nothing happens."""

from __future__ import annotations

import re
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure import CommandError, Figure, environment, within
from bench.peers import PLUMB

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 3
IDLE = 3.0  # seconds after which it is taken for idle


def idle(scratch: Path) -> Iterator[Figure]:
    """Start of ``plumb up`` with an existing store to the first answer; resident memory of both its processes."""
    seconds, sizes = [], []
    for number in range(ROUNDS + 1):  # the first one makes the store and does not count
        begun = time.perf_counter()
        arguments = [PLUMB, "up", "--data", str(scratch / "data"), "--listen", "127.0.0.1:0"]
        with open(scratch / "server.log", "ab") as log:
            process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=log, text=True, env=environment())
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            if found is None:
                raise CommandError(f"plumb up did not start: {(scratch / 'server.log').read_text()[-500:]}")
            with urllib.request.urlopen(found.group() + "/readyz", timeout=10) as answer:
                answer.read()
            if number:
                seconds.append(time.perf_counter() - begun)
            if number == ROUNDS:
                time.sleep(IDLE)
                sizes = _resident(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            if process.stdout is not None:
                process.stdout.close()
    yield within("plumb up, first answer", "s", sorted(seconds)[ROUNDS // 2], 3, "median of 3 starts with a store")
    if not sizes:
        yield Figure("idle server", "MB", None, target="<= 200 MB", note="needs /proc")
        return
    parts = " + ".join(f"{size:.0f}" for size in sizes)
    yield within("idle server", "MB", sum(sizes), 200, f"resident memory of guardian and server, {parts} MB")


def _resident(root: int) -> list[float]:
    """Megabytes of a process and its children."""
    try:
        children = Path(f"/proc/{root}/task/{root}/children").read_text().split()
        statuses = [Path(f"/proc/{pid}/status").read_text() for pid in (str(root), *children)]
    except OSError:
        return []
    return [int(found.group(1)) / 1024 for status in statuses if (found := re.search(r"VmRSS:\s+(\d+)", status))]
