"""The registry over real connections: uploads that break off, who stalls, and a real client where there is one."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import uvicorn
from tests.registry.registry_door import Door
from tests.registry.registry_world import NAME, OCI_IMAGE, digest_of, image
from tests.waiting import until

from plumbline.http.serve import listen
from plumbline.registry import bodies

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@contextmanager
def served(door: Door) -> Iterator[int]:
    """The port of the registry."""
    with listen("127.0.0.1:0") as own:
        server = uvicorn.Server(uvicorn.Config(door.app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [own]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield own.getsockname()[1]
        server.should_exit = True
        thread.join(5)


def head_of(method: str, path: str, token: str, **headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: plumb.test", f"Authorization: Bearer {token}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_what_came_before_a_break_is_there_and_is_gone_on_with(door: Door) -> None:
    token, data = door.token(door.mei), os.urandom(6 << 20)
    place = door.ask("POST", f"/v2/{NAME}/blobs/uploads/", token=token).headers["location"]

    def there() -> int:
        return int(door.ask("GET", place, token=token).headers["range"].partition("-")[2]) + 1

    with served(door) as port:
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(head_of("PATCH", place, token, Content_Length=str(len(data))) + data[: 5 << 20])
        until(lambda: there() == 5 << 20)
    rest = data[5 << 20 :]
    last = door.ask("PUT", f"{place}?digest={digest_of(data)}", token=token, content=rest)
    assert last.status_code == 201
    assert door.ask("GET", f"/v2/{NAME}/blobs/{digest_of(data)}", token=token).content == data


def test_who_stalls_is_ended_and_what_came_before_is_there(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "STALLED", 0.3)  # seconds
    token = door.token(door.mei)
    place = door.ask("POST", f"/v2/{NAME}/blobs/uploads/", token=token).headers["location"]
    with served(door) as port, socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(head_of("PATCH", place, token, Content_Length="100") + b"some")
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert door.ask("GET", place, token=token).headers["range"] == "0-3"


def test_a_body_that_is_shorter_than_it_says_is_no_blob(door: Door) -> None:
    token, data = door.token(door.mei), b"x" * 1000
    address = f"/v2/{NAME}/blobs/uploads/?digest={digest_of(data)}"
    with served(door) as port, socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(head_of("POST", address, token, Content_Length="1000") + data[:999])
    assert door.ask("HEAD", f"/v2/{NAME}/blobs/{digest_of(data)}", token=token).status_code == 404


@pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed")
def test_skopeo_copies_in_and_out_under_the_same_digest(door: Door, tmp_path: Path) -> None:
    layout, secret = tmp_path / "in", f"anybody:{door.token(door.mei)}"
    (layout / "blobs" / "sha256").mkdir(parents=True)
    layer = gzip.compress(b"layer", mtime=0)
    manifest = image(layers=(layer,))
    for data in (b"{}", layer, manifest):
        (layout / "blobs" / "sha256" / digest_of(data)[7:]).write_bytes(data)
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    named = {"org.opencontainers.image.ref.name": "v1"}
    listed = {"mediaType": OCI_IMAGE, "digest": digest_of(manifest), "size": len(manifest)}
    (layout / "index.json").write_text(
        json.dumps({"schemaVersion": 2, "manifests": [{**listed, "annotations": named}]})
    )
    with served(door) as port:
        where = f"docker://127.0.0.1:{port}/{NAME}/app:v1"
        for words in (
            ("--dest-tls-verify=false", "--dest-creds", secret, f"oci:{layout}:v1", where),
            ("--src-tls-verify=false", "--src-creds", secret, where, f"oci:{tmp_path}/out:v1"),
        ):
            subprocess.run(
                ["skopeo", "--insecure-policy", "copy", "-q", "--preserve-digests", *words], check=True, timeout=120
            )
    found = json.loads((tmp_path / "out" / "index.json").read_text())
    assert [one["digest"] for one in found["manifests"]] == [digest_of(manifest)]


def test_who_sends_next_to_nothing_is_ended_too(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "STALLED", 1.0)
    token = door.token(door.mei)
    place = door.ask("POST", f"/v2/{NAME}/blobs/uploads/", token=token).headers["location"]
    with served(door) as port, socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(head_of("PATCH", place, token, Content_Length="1000"))
        client.settimeout(0.1)
        for _ in range(600):
            client.sendall(b"x")
            try:
                answer = client.recv(100)
                break
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_one_sender_has_so_many_uploads_on_their_way(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "OF_ONE", 1)
    mei, dev = door.token(door.mei), door.token(door.dev)
    place = door.ask("POST", f"/v2/{NAME}/blobs/uploads/", token=mei).headers["location"]
    with served(door) as port, socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(head_of("PATCH", place, mei, Content_Length="9"))

        def asked(token: str) -> bytes:
            with socket.create_connection(("127.0.0.1", port)) as other:
                digest = digest_of(b"x")
                path = f"/v2/{NAME}/blobs/uploads/?digest={digest}"
                other.sendall(head_of("POST", path, token, Content_Length="1") + b"x")
                return other.makefile("rb").readline()

        until(lambda: b" 429 " in asked(mei))
        assert b" 201 " in asked(dev)
