"""Large blobs over real connections, sent by the system: whole or in part, and only when they are right."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from typing import TYPE_CHECKING

import pytest
import uvicorn
from tests.registry.registry_world import NAME
from tests.waiting import until

from plumbline.adapters.blobs import whole
from plumbline.http.serve import _protocol, listen
from plumbline.http.zero_copy import WORKS
from plumbline.registry.files import FileAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.registry.registry_door import Door

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not WORKS, reason="only where the system can")]
DATA = os.urandom(9_000_001)


@contextmanager
def served(door: Door) -> Iterator[HTTPConnection]:
    with listen("127.0.0.1:0") as own:
        speaking = _protocol(own, (), secure=False)
        server = uvicorn.Server(uvicorn.Config(door.app, log_config=None, lifespan="off", http=speaking))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [own]}, daemon=True)
        thread.start()
        until(lambda: server.started)
        connection = HTTPConnection("127.0.0.1", own.getsockname()[1], timeout=30)
        yield connection
        connection.close()
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each answer that the system sent: whether it was a whole blob."""
    found: list[bool] = []
    usual = FileAnswer.__call__

    async def counting(self: FileAnswer, *parts: object) -> None:
        found.append(self._whole)
        await usual(self, *parts)  # type: ignore[arg-type]

    monkeypatch.setattr(FileAnswer, "__call__", counting)
    return found


def get(connection: HTTPConnection, door: Door, digest: str, **headers: str) -> HTTPResponse:
    shown = {"Authorization": f"Bearer {door.token(door.mei)}", **headers}
    connection.request("GET", f"/v2/{NAME}/blobs/{digest}", headers=shown)
    return connection.getresponse()


def test_whole_and_in_part(door: Door, sent: list[bool]) -> None:
    digest = door.push_blob(DATA)
    with served(door) as connection:
        for _ in range(2):
            assert get(connection, door, digest).read() == DATA
        part = get(connection, door, digest, Range="bytes=7-5000006")
        assert (part.status, part.getheader("content-range")) == (206, "bytes 7-5000006/9000001")
        assert part.read() == DATA[7:5_000_007]
        assert get(connection, door, digest, Range="bytes=1-9").read() == DATA[1:10]  # small: as it ever was
    assert sent == [True, True, False]


def test_what_was_changed_is_not_handed_out_also_where_it_was_right_before(
    door: Door, sent: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole, "_SETTLED", 0)
    digest = door.push_blob(DATA)
    path = os.path.join(door.server._pipelines.data, "oci", "blobs", *digest.split(":"))
    with served(door) as connection:
        assert get(connection, door, digest).read() == DATA
        os.chmod(path, 0o644)
        with open(path, "r+b") as file:
            file.write(bytes([DATA[0] ^ 1]))
        with pytest.raises((IncompleteRead, ConnectionError)):
            get(connection, door, digest).read()
        connection.close()
        assert get(connection, door, digest).status == 404
        connection.close()
        door.push_blob(DATA)
        assert get(connection, door, digest).read() == DATA
    assert sent == [True, True, True]
