"""The listening socket, and what is not HTTP as it should be."""

from __future__ import annotations

import socket
import threading
import time

import pytest
import uvicorn

from plumbline.http import protocol
from plumbline.http.protocol import BoundedProtocol
from plumbline.http.serve import listen

pytestmark = pytest.mark.slow


@pytest.fixture
def served():
    """Sends bytes to a server that answers with what it was sent; gives what came back until the connection ended."""

    async def echo(_scope, receive, send):
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    config = uvicorn.Config(echo, log_config=None, lifespan="off", http=BoundedProtocol, timeout_keep_alive=1)
    with listen("127.0.0.1:0") as own:
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [own]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)

        def send(*parts, pause=0.0):
            with socket.create_connection(own.getsockname(), timeout=10) as connection:
                came = b""
                try:
                    for part in parts:
                        connection.sendall(part)
                        time.sleep(pause)
                    while more := connection.recv(65536):
                        came += more
                except ConnectionError:
                    pass
                return came

        yield send
        server.should_exit = True
        thread.join(5)


def test_the_second_part_of_an_answer_does_not_wait_for_an_acknowledgement_of_the_first():
    with listen("127.0.0.1:0") as own, socket.create_connection(own.getsockname()):
        accepted, _ = own.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"


def test_a_large_body_and_one_request_after_another(served):
    body = b"x" * 300_000
    request = HEAD + b"Content-Length: 300000\r\n\r\n" + body
    came = served(
        request, request[:50], request[50:], b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", pause=0.05
    )
    assert came.count(b"HTTP/1.1 200") == 3
    assert came.count(body) == 2


@pytest.mark.parametrize(
    "parts",
    [
        (HEAD + b"A: " + b"a" * 70_000 + b"\r\n\r\n",),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",),
        (HEAD, *(b"A%d: b\r\n" % number * 500 for number in range(20))),
        (HEAD, *([b"A: " + b"a" * 16_000] * 5)),
        (b"\x16\x03\x01\x02\x00\x01",),
        (HEAD + b"Content-Length: -1\r\n\r\n",),
        (HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",),
        (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",),
        (HEAD + b"A\x00: b\r\n\r\n",),
        (HEAD + b"A: b\x00c\r\n\r\n",),
        (HEAD + b" folded: b\r\n\r\n",),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",),
        (b"NOT HTTP\r\n\r\n",),
    ],
)
def test_what_is_no_request_is_refused_and_the_connection_ended(served, parts):
    came = served(*parts, pause=0.02)
    assert b"HTTP/1.1 200" not in came
    assert came == b"" or came.startswith(b"HTTP/1.1 400")


def test_who_says_nothing_or_never_ends_a_head_does_not_keep_a_connection(served, monkeypatch):
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.4)
    began = time.monotonic()
    assert served() == b""
    assert served(HEAD, b"A: b\r\n", b"C: d\r\n", b"E: f\r\n", pause=0.2) == b""
    assert time.monotonic() - began < 5
    assert b"HTTP/1.1 200" in served(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", pause=0.6)
