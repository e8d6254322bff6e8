"""A place that checkpoints are posted to: all of it has one time, however its answer comes."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

import pytest
from tests.outside_places import HttpSink, serving

from plumbline.adapters.outside.http import post
from plumbline.kernel import PlumblineError
from plumbline.model.outside import OutsidePlace, PlaceKind

pytestmark = pytest.mark.slow

PLACE = OutsidePlace(kind=PlaceKind.HTTP, name="there")


def dripping(beginning: bytes) -> int:
    """The port of one who answers a byte now and then, for ever."""
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        with suppress(OSError), listener, listener.accept()[0] as asked:
            asked.sendall(beginning)
            while True:
                asked.sendall(b"x")
                time.sleep(0.05)

    threading.Thread(target=drip, daemon=True).start()
    return int(listener.getsockname()[1])


@pytest.mark.parametrize(
    "beginning",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n",
        b"HTTP/1.1 500 No\r\nContent-Length: 60000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-",
        b"HTTP/1.1 ",
    ],
)
def test_who_answers_a_byte_now_and_then_holds_up_nobody(beginning: bytes) -> None:
    done = threading.Event()

    def ask() -> None:
        with suppress(PlumblineError):
            post(PLACE, f"http://127.0.0.1:{dripping(beginning)}/", b"note", {}, timeout=0.5)
        done.set()

    threading.Thread(target=ask, daemon=True).start()
    assert done.wait(60)


def test_an_answer_is_read_whole() -> None:
    with serving(HttpSink()) as sink:
        assert post(PLACE, sink.url, b"note", {}).status == 200
        sink.status = 409
        assert post(PLACE, sink.url, b"note", {}).status == 409
        assert sink.bodies == [b"note", b"note"]
