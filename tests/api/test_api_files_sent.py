"""Parts of files in answers, which the system sends: what comes, in which order, and who takes nothing of it."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress

import pytest
import uvicorn
from tests.waiting import until

from plumbline.http import protocol
from plumbline.http.serve import _protocol, listen
from plumbline.http.zero_copy import EXTENSION, WORKS

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not WORKS, reason="only where the system can")]
SIZE = 24 << 20  # more than the system keeps for a connection
START, END = b"<", b">"


@pytest.fixture
def content():
    return os.urandom(SIZE)


@pytest.fixture
def served(tmp_path, content):
    """The port of a server that answers with a letter, a part of a file and a letter; its places, and which ended."""
    path = tmp_path / "file"
    path.write_bytes(content)
    ended = []

    async def answer(scope, receive, send):
        assert EXTENSION in scope["extensions"]
        count = SIZE - 2 - 7
        with path.open("rb") as file:
            headers = [(b"content-length", str(count + 2).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": START, "more_body": True})
            part = {"file": file.fileno(), "offset": 7, "count": count, "more_body": True}
            if scope["path"] == "/short":
                os.truncate(path, SIZE // 2)
            await send({"type": EXTENSION, **part})
            await send({"type": "http.response.body", "body": END})
        ended.append(scope["path"])

    with listen("127.0.0.1:0") as own:
        speaking = _protocol(own, (), secure=False)
        server = uvicorn.Server(uvicorn.Config(answer, log_config=None, lifespan="off", http=speaking))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [own]}, daemon=True)
        thread.start()
        until(lambda: server.started)
        yield own.getsockname()[1], speaking.places, ended
        server.should_exit = True
        thread.join(10)


def ask(port, path="/", times=1, window=0):
    made = socket.socket()
    if window:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    made.settimeout(30)
    made.connect(("127.0.0.1", port))
    made.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * times)
    return made


def body_of(stream):
    length = 0
    while (line := stream.readline().strip().lower()) != b"":
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return stream.read(length)


def test_it_stands_between_what_was_written_before_and_after_it(served, content):
    with ask(served[0], times=3) as caller, caller.makefile("rb") as stream:
        for _ in range(3):
            assert body_of(stream) == START + content[7:-2] + END


def test_who_takes_it_slowly_gets_all_of_it(served, content, monkeypatch):
    monkeypatch.setattr(protocol, "TAKE_SECONDS", 0.3)
    with ask(served[0], window=65536) as caller, caller.makefile("rb") as stream:
        time.sleep(0.2)
        assert body_of(stream) == START + content[7:-2] + END


def test_who_takes_nothing_of_it_is_left(served, monkeypatch):
    monkeypatch.setattr(protocol, "TAKE_SECONDS", 0.3)
    port, places, ended = served
    with ask(port, window=4096):
        until(lambda: ended)
        until(lambda: len(places) == 0)


def test_who_leaves_in_the_middle_costs_nothing_more(served):
    port, places, ended = served
    with ask(port) as caller:
        assert caller.recv(1000)
    until(lambda: ended)
    until(lambda: len(places) == 0)


def test_a_file_that_is_shorter_than_was_said_breaks_the_answer_off(served):
    port, places, _ = served
    with ask(port, "/short") as caller, caller.makefile("rb") as stream, suppress(ConnectionError):
        assert len(body_of(stream)) <= SIZE // 2
    until(lambda: len(places) == 0)
