"""How soon a webhook is answered: on an idle server, and while the ones before it are carried out."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import subprocess
import time
from typing import TYPE_CHECKING

from bench.measure import CommandError, Figure, within
from bench.repositories import repository
from bench.server import IDLE, Caller, up, wait

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT, WARM = 200, 20
MOST = 20  # ms


def answers(scratch: Path) -> Iterator[Figure]:
    """Each tells of a push of its own, signed, over one connection that stays open."""
    folder = repository(scratch / "told", {".gitlab-ci.yml": "a: {script: [make], when: manual}\n"})
    with up(scratch, "--no-runner") as (url, link):
        caller = Caller(url)
        caller.ask("POST", "/setup", {"link": link, "name": "ada", "password": "quiet harbour morning"})
        caller.csrf = str(caller.ask("GET", "/me")["csrf"])
        bank = caller.ask("POST", "/nodes", {"kind": "organisation", "name": "bank"})
        project = caller.ask("POST", "/nodes", {"kind": "project", "name": "core", "parent": bank["id"]})["id"]
        bound = caller.ask("PUT", f"/projects/{project}/repository", {"kind": "git", "url": str(folder)})
        hook = _Hook(url, project, bound["secret"], folder)
        time.sleep(IDLE)
        quiet = [hook.send(number, lambda: _carried_out(caller, project)) for number in range(COUNT + WARM)]
        busy = [hook.send(COUNT + WARM + number) for number in range(COUNT)]
    disk = [_durable(scratch / "raw") for _ in range(COUNT)]
    note = f"p50 {_place(quiet[WARM:], 0.5):.1f} ms; each is carried out before the next one; " + (
        f"a durable write of this disk: p50 {_place(disk, 0.5):.1f} ms, p99 {_place(disk, 0.99):.1f} ms"
    )
    yield within("hook, p99 of the answer", "ms", _place(quiet[WARM:], 0.99), MOST, note)
    note = f"p50 {_place(busy, 0.5):.1f} ms; {COUNT} in a row, while they are carried out"
    yield Figure("hooks in a row, p99", "ms", _place(busy, 0.99), note=note)


class _Hook:
    def __init__(self, url: str, project: int, secret: str, folder: Path) -> None:
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
        self._path, self._secret, self._folder = f"/hooks/git/{project}", secret.encode(), folder
        self._sha = _git(folder, "rev-parse", "HEAD")

    def send(self, number: int, then: object = None) -> float:
        """Milliseconds until the answer was there."""
        _git(self._folder, "update-ref", f"refs/heads/b{number}", self._sha)
        body = json.dumps({"ref": f"refs/heads/b{number}", "before": "0" * 40, "after": self._sha}).encode()
        proof = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Plumbline-Signature": f"sha256={proof}"}
        begun = time.perf_counter()
        self._connection.request("POST", self._path, body, headers)
        answer = self._connection.getresponse()
        said = answer.read()
        seconds = time.perf_counter() - begun
        if answer.status != 202:
            raise CommandError(f"the hook was answered {answer.status}: {said[:300]!r}")
        if callable(then):
            then()
        return seconds * 1000


def _carried_out(caller: Caller, project: int) -> None:
    def done() -> bool:
        [newest] = caller.ask("GET", f"/projects/{project}/deliveries?limit=1")["deliveries"]
        if newest["outcome"] not in ("queued", "pipeline"):
            raise CommandError(f"a delivery came to nothing: {newest}")
        return bool(newest["outcome"] == "pipeline")

    wait(done)


def _durable(path: Path) -> float:
    """Milliseconds of one page that is on the disk."""
    with path.open("ab", buffering=0) as file:
        begun = time.perf_counter()
        file.write(bytes(4096))
        os.fsync(file.fileno())
        return (time.perf_counter() - begun) * 1000


def _git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True).stdout.strip()


def _place(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
