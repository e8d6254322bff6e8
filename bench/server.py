"""How soon the server answers, idle and under load, and what it holds in memory while nothing happens."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.measure import CommandError, Figure, environment, within
from bench.peers import PLUMB
from bench.repositories import repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = 3
IDLE = 30.0  # seconds after which it is taken for idle: until then it prepares pages little by little


PIPELINES, RATE, SECONDS = 2, 200, 5.0
MOST, MOST_OF_PAGES = 200, 120  # ms
_BUSY = "stages: [a, b]\n" + "".join(
    f"{stage}{number}: {{stage: {stage}, script: ['for i in $(seq 150); do echo line $i; sleep 0.2; done']}}\n"
    for stage in "ab"
    for number in range(2)
)


def under_load(scratch: Path) -> Iterator[Figure]:
    """Answers of the API and pages, each asked for so often while pipelines run; a server that is not new to them."""
    folder = repository(scratch / "busy", {".gitlab-ci.yml": _BUSY})
    with up(scratch, "--isolation", "none", "--runners", "4") as (url, link):
        caller = Caller(url)
        caller.ask("POST", "/setup", {"link": link, "name": "ada", "password": "quiet harbour morning"})
        caller.csrf = str(caller.ask("GET", "/me")["csrf"])
        bank = caller.ask("POST", "/nodes", {"kind": "organisation", "name": "bank"})
        project = caller.ask("POST", "/nodes", {"kind": "project", "name": "core", "parent": bank["id"]})["id"]
        caller.ask("PUT", f"/projects/{project}/repository", {"kind": "git", "url": str(folder)})
        expires = int((time.time() + 3600) * 1_000_000)
        token = caller.ask("POST", "/me/tokens", {"name": "bench", "scopes": ["all"], "expires": expires})["text"]
        made = [caller.ask("POST", f"/projects/{project}/pipelines", {})["id"] for _ in range(PIPELINES)]
        wait(lambda: all(caller.state(pipeline) == "running" for pipeline in made))
        [job, *_] = [job["id"] for job in caller.detail(made[0])["jobs"]]
        api = ["/nodes", "/pipelines", f"/pipelines/{made[0]}", f"/jobs/{job}", "/ledger/entries?newest=true", "/me"]
        pages = ["/", "/estate", "/tree", "/pipelines", f"/pipelines/{made[0]}", f"/projects/{project}", f"/jobs/{job}",
                 f"/nodes/{bank['id']}", "/ledger", "/ledger/1", "/search?q=build", "/people"]  # fmt: skip
        bearer = f"Authorization: Bearer {token}"
        for name, paths, header, most in (
            ("API", [f"/api/v1{path}" for path in api], bearer, MOST),
            ("pages", pages, f"Cookie: {caller.cookie}", MOST_OF_PAGES),
        ):
            _load(url, paths, header, seconds=1.0)
            found = _load(url, paths, header)
            if any(caller.state(pipeline) != "running" for pipeline in made):
                raise CommandError(f"the pipelines ended before the requests: {[caller.state(one) for one in made]}")
            note = f"p50 {found['p50'] * 1e3:.0f} ms, {found['rate']:.0f} a second while {PIPELINES} pipelines run"
            yield within(f"{name}, p99 at {RATE} requests/s", "ms", found["p99"] * 1e3, most, note)


def _load(url: str, paths: list[str], header: str, seconds: float = SECONDS) -> dict[str, Any]:
    port = int(url.rpartition(":")[2])
    asked = {"port": port, "paths": paths, "headers": [header], "rate": RATE, "seconds": seconds}
    command = [sys.executable, "-m", "bench.load"]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise CommandError(f"the load could not be made: {done.stderr[-300:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    if set(found["statuses"]) != {"200"}:
        raise CommandError(f"the server answered {found['statuses']}")
    if found["rate"] < RATE * 0.9:
        return found | {"p99": max(found["p99"], (MOST + 1) / 1000)}  # it did not keep up
    return found


class Caller:
    """Speaks to the API as somebody who is signed in."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.cookie = self.csrf = ""

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Cookie": self.cookie, "X-CSRF-Token": self.csrf}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._url}/api/v1{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                self.cookie = answer.headers.get("Set-Cookie", self.cookie).partition(";")[0]
                found: dict[str, Any] = json.loads(answer.read() or b"{}")
                return found
        except urllib.error.HTTPError as error:
            raise CommandError(f"{method} {path}: {error.code} {error.read()[:300]!r}") from error

    def detail(self, pipeline: int) -> dict[str, Any]:
        return self.ask("GET", f"/pipelines/{pipeline}")

    def state(self, pipeline: int) -> str:
        return str(self.detail(pipeline)["pipeline"]["state"])


def wait(done: Callable[[], bool]) -> None:
    limit = time.monotonic() + 20
    while not done():
        if time.monotonic() > limit:
            raise CommandError("the pipelines do not run")
        time.sleep(0.1)


@contextmanager
def up(scratch: Path, *more: str) -> Iterator[tuple[str, str]]:
    """A new server: its address, and the key of its set-up link."""
    arguments = [PLUMB, "up", "--data", str(scratch / "load"), "--listen", "127.0.0.1:0", "--grace", "0", *more]
    with open(scratch / "load.log", "ab") as log:
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=log, text=True, env=environment())
    assert process.stdout is not None
    try:
        said = process.stdout.readline() + process.stdout.readline()
        found = re.search(r"(http://\S+:\d+)/setup\?key=(\S+)", said)
        if found is None:
            raise CommandError(f"plumb up did not start: {(scratch / 'load.log').read_text()[-500:]}")
        yield found.group(1), found.group(2)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


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
