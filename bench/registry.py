"""A registry that is asked by the same client as Debian's docker-registry, each in turn."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import shutil
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from bench.measure import CommandError, Figure, against_peer, alternate
from bench.server import Caller, up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE, ROUNDS, FASTER = 100 << 20, 7, 1.2
MANIFESTS = 300  # requests, each over a connection of its own
NAME = "bank/core/app"
_PEER = "docker-registry"
_CONFIGURATION = """version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


class Registry(NamedTuple):
    url: str
    user: str  # name and secret with a colon between

    def put(self, path: Path, digest: str) -> None:
        """As clients do: an upload, and then all of it at once."""
        request = urllib.request.Request(f"{self.url}/v2/{NAME}/blobs/uploads/", b"", self._headers(), method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            place = urljoin(self.url, answer.headers["Location"])
        place += f"{'&' if '?' in place else '?'}digest={digest}"
        kind = "Content-Type: application/octet-stream"
        self._curl("-X", "PUT", "-H", kind, "-H", "Expect:", "-T", str(path), place)

    def get(self, digest: str) -> None:
        self._curl(f"{self.url}/v2/{NAME}/blobs/{digest}")

    def manifest(self, digest: str, size: int) -> str:
        """Push one of this blob; its address."""
        blob = {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest, "size": size}
        kind = "application/vnd.oci.image.manifest.v1+json"
        data = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": blob, "layers": [blob]}).encode()
        address = f"{self.url}/v2/{NAME}/manifests/latest"
        with urllib.request.urlopen(
            urllib.request.Request(address, data, {**self._headers(), "Content-Type": kind}, method="PUT"), timeout=60
        ):
            return address

    def asked(self, address: str, method: str) -> float:
        """Seconds."""
        began = time.perf_counter()
        request = urllib.request.Request(address, headers=self._headers(), method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
        return time.perf_counter() - began

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Basic {base64.b64encode(self.user.encode()).decode()}"}

    def _curl(self, *arguments: str) -> None:
        done = subprocess.run(["curl", "-sf", "-u", self.user, "-o", os.devnull, *arguments], check=False)
        if done.returncode:
            raise CommandError(f"curl ended with {done.returncode} at {arguments[-1]}")


def against_registry(scratch: Path) -> Iterator[Figure]:
    if shutil.which("curl") is None:
        yield Figure("registry", "s", None, note="curl is not installed here")
        return
    blob = scratch / "blob"
    blob.write_bytes(random.Random(14).randbytes(SIZE))
    digest = f"sha256:{hashlib.sha256(blob.read_bytes()).hexdigest()}"
    with _ours(scratch) as ours, _peer(scratch) as peer:
        both = [one for one in (ours, peer) if one is not None]
        puts = alternate([partial(one.put, blob, digest) for one in both], ROUNDS)
        time.sleep(3)  # what was written a moment before is read again each time
        gets = alternate([partial(one.get, digest) for one in both], ROUNDS)
        note = "100 MiB, the client's whole process" + ("" if peer else f"; {_PEER} is not on the PATH")
        for name, found in (("registry, push a blob", puts), ("registry, pull a blob", gets)):
            other = found[1] if peer else None
            yield against_peer(name, "s", found[0], other, 1 / FASTER, _PEER, note)
        address = ours.manifest(digest, SIZE)
        for method in ("HEAD", "GET"):
            times = sorted(ours.asked(address, method) for _ in range(MANIFESTS))
            slow, usual = (times[int(len(times) * share)] * 1e3 for share in (0.99, 0.5))
            yield Figure(f"registry, {method} a manifest, p99", "ms", slow, note=f"p50 {usual:.1f} ms, one by one")


@contextmanager
def _ours(scratch: Path) -> Iterator[Registry]:
    with up(scratch, "--no-runner") as (url, link):
        caller = Caller(url)
        caller.ask("POST", "/setup", {"link": link, "name": "ada", "password": "quiet harbour morning"})
        caller.csrf = str(caller.ask("GET", "/me")["csrf"])
        bank = caller.ask("POST", "/nodes", {"kind": "organisation", "name": "bank"})
        caller.ask("POST", "/nodes", {"kind": "project", "name": "core", "parent": bank["id"]})
        expires = int((time.time() + 3600) * 1_000_000)
        token = caller.ask("POST", "/me/tokens", {"name": "bench", "scopes": ["all"], "expires": expires})["text"]
        yield Registry(url, f"ada:{token}")


@contextmanager
def _peer(scratch: Path) -> Iterator[Registry | None]:
    """None where it is not installed."""
    program = shutil.which(_PEER)
    if program is None:
        yield None
        return
    port = _free_port()
    configuration = scratch / "peer.yml"
    configuration.write_text(_CONFIGURATION.format(folder=scratch / "peer", port=port))
    with subprocess.Popen([program, "serve", str(configuration)], stderr=subprocess.DEVNULL) as process:
        try:
            _await(f"http://127.0.0.1:{port}/v2/")
            yield Registry(f"http://127.0.0.1:{port}", "x:y")
        finally:
            process.terminate()


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _await(address: str) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise CommandError(f"{_PEER} does not answer")
