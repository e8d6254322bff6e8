"""Who takes no answer, sends no body to its end, or asks for everything at once does not keep what others need."""

from __future__ import annotations

import socket
import ssl
import threading
import time

import pytest
import uvicorn
from test_api_front import write
from tests.waiting import until

from plumbline.http import doorway, places, protocol
from plumbline.http.serve import _protocol, listen

pytestmark = pytest.mark.slow
ANSWER = b"x" * (4 << 20)
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def served():
    """The port of a server that answers at once with much, whatever is sent; and its places."""
    with listen("127.0.0.1:0") as own:
        yield from serving(own)


def serving(own, proxies=(), context=None):
    async def answer(scope, receive, send):
        while scope["path"] == "/wait" and (await receive())["type"] != "http.disconnect":
            pass
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(ANSWER))]}
        )
        await send({"type": "http.response.body", "body": ANSWER})

    speaking = _protocol(own, proxies, secure=context is not None)
    more = {"ssl_context_factory": lambda *_: context} if context else {}
    config = uvicorn.Config(answer, log_config=None, lifespan="off", http=speaking, timeout_keep_alive=1, **more)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [own]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    yield own.getsockname()[1], speaking.places
    server.should_exit = True
    thread.join(10)


def connect(port, window=0):
    made = socket.socket()
    if window:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    made.settimeout(30)
    made.connect(("127.0.0.1", port))
    return made


def read_whole(caller):
    came = 0
    try:
        while more := caller.recv(1 << 20):
            came += len(more)
    except ConnectionError:
        pass
    return came


def test_who_takes_nothing_of_an_answer_is_left(served, monkeypatch):
    monkeypatch.setattr(protocol, "TAKE_SECONDS", 0.3)
    port, door = served
    caller = connect(port, 4096)
    caller.sendall(GET)
    until(lambda: len(door) == 1)
    until(lambda: len(door) == 0)
    assert read_whole(caller) < len(ANSWER)
    assert not door._owed


def test_who_takes_it_slowly_gets_all_of_it(served, monkeypatch):
    monkeypatch.setattr(protocol, "TAKE_SECONDS", 0.3)
    port, _ = served
    caller, came = connect(port, 65536), 0
    caller.sendall(GET)
    while came < len(ANSWER):
        more = len(caller.recv(200_000))
        assert more
        came += more
        time.sleep(0.01)


def test_answers_that_nobody_takes_hold_little(served, monkeypatch):
    monkeypatch.setattr(places, "MOST_UNSENT", 1 << 30)
    port, door = served
    callers = [connect(port, 4096) for _ in range(8)]
    for caller in callers:
        caller.sendall(GET)
    until(lambda: len(door._owed) == 8)  # what the kernel does not hold itself
    most = door._owed_in_all // 2
    monkeypatch.setattr(places, "MOST_UNSENT", most)
    callers.append(connect(port, 4096))
    callers[-1].sendall(GET)
    until(lambda: door._owed_in_all <= most)
    assert len(door) < 9
    for caller in callers:
        caller.close()


def test_a_body_that_was_answered_before_its_end_does_not_hold_its_connection(served, monkeypatch):
    monkeypatch.setattr(protocol, "REST_SECONDS", 0.3)
    port, door = served
    caller = connect(port)
    caller.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nname=")
    came, going = [], threading.Event()

    def drip():
        while not going.wait(0.05):
            try:
                caller.sendall(b"x")
            except OSError:
                return

    thread = threading.Thread(target=drip)
    thread.start()
    came.append(read_whole(caller))
    going.set()
    thread.join()
    assert came[0] > len(ANSWER)
    until(lambda: len(door) == 0)


def test_a_connection_asks_for_few_things_at_once(served):
    port, door = served
    caller = connect(port, 4096)
    caller.sendall(GET * 500)
    until(lambda: len(door) == 0)
    assert read_whole(caller) < 20 * len(ANSWER)


@pytest.fixture
def small(monkeypatch):
    """As ``served``, with few places."""
    monkeypatch.setattr("plumbline.http.serve.MOST_CONNECTIONS", 64)
    with listen("127.0.0.1:0") as own:
        yield from serving(own)


def test_health_is_answered_where_all_places_are_taken(small):
    port, door = small
    busy = [connect(port) for _ in range(64)]
    for caller in busy:
        caller.sendall(GET.replace(b"/ ", b"/wait ", 1))
    until(lambda: len(door) == 64 and not door._silent)
    asked = {}
    for path in (b"/healthz", b"/pipelines"):
        caller = connect(port)
        caller.sendall(GET.replace(b"/ ", path + b" ", 1))
        asked[path] = caller.recv(12)
        caller.close()
    for caller in busy:
        caller.close()
    assert asked == {b"/healthz": b"HTTP/1.1 200", b"/pipelines": b"HTTP/1.1 503"}


def test_handshakes_that_never_end_give_way(tmp_path, monkeypatch):
    monkeypatch.setattr(doorway, "AT_ONCE", 4)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*write(tmp_path, "one"))
    with listen("127.0.0.1:0") as own:
        for port, _ in serving(own, context=context):
            half = [connect(port) for _ in range(8)]
            ended = [one for one in half[:4] if one.recv(1) == b""]
            assert len(ended) == 4
            client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
            with client.wrap_socket(connect(port)) as caller:
                caller.sendall(GET)
                assert caller.recv(12) == b"HTTP/1.1 200"
            for one in half:
                one.close()
