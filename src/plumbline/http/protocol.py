"""HTTP/1.1 on one connection: how long and how large the head of a request may be, and how long an answer may wait to
be taken."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from plumbline.http.places import Places
from plumbline.http.zero_copy import EXTENSION, WORKS, FilePart

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle, Transport
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

LARGEST_HEAD = 32 * 1024  # bytes
_TOO_LARGE = "The head of the request is too large."
HEAD_SECONDS = 20.0  # within which a head has to arrive, from the connection or from its first byte
REST_SECONDS = 5.0  # for the rest of a body that was answered already
TAKE_SECONDS = 20.0  # within which some of an answer has to be taken:
SLOWEST = 1024  # bytes for each of these seconds
MOST_AHEAD = 16  # requests of one connection that wait for their turn


class _Gathering:
    """A transport that sends together what is written at once: the head of an answer and its body are one packet."""

    def __init__(self, transport: Transport, loop: AbstractEventLoop, sent: Callable[[int], None]) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []
        self._sent = sent
        self._beside: socket.socket | None = None  # the same connection, while a file is sent through it

    def write(self, data: bytes) -> None:
        if not self._waiting:
            self._loop.call_soon(self._send)
        self._waiting.append(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    async def send_file(self, cycle: RequestResponseCycle, file: int, start: int, count: int) -> None:
        """After what was written before, past the buffers of this process. The connection ends where it takes next to
        nothing."""
        self._send()
        while self._transport.get_write_buffer_size() and not cycle.disconnected:
            await asyncio.sleep(0.005)
        if cycle.disconnected or self._transport.is_closing():
            return
        with self._transport.get_extra_info("socket").dup() as out:  # the transport may close its own at any time
            self._beside = out
            try:
                part = FilePart(out, file, start, count, lambda: bool(cycle.disconnected))
                if not await part.send(TAKE_SECONDS, SLOWEST):
                    self._transport.abort()
            except ConnectionError:
                self._transport.abort()
            except OSError:  # of the file: what came is not what was promised
                self._transport.abort()
                raise
            finally:
                self._beside = None

    def lost(self) -> None:
        if self._beside is not None:
            with suppress(OSError):
                self._beside.shutdown(socket.SHUT_RDWR)

    def _send(self) -> None:
        if self._waiting:
            data = b"".join(self._waiting)
            self._waiting.clear()
            self._transport.write(data)
            self._sent(len(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _WithFiles:
    """An application whose answers may have parts of files in them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cycle: RequestResponseCycle = send.__self__  # type: ignore[attr-defined]

        async def sending(message: Message) -> None:
            if message["type"] != EXTENSION:
                await send(message)
                return
            count = message["count"]
            if count > cycle.expected_content_length:
                raise RuntimeError("the answer is longer than its Content-Length")
            await cycle.transport.send_file(cycle, message["file"], message["offset"], count)  # type: ignore[attr-defined]
            cycle.expected_content_length -= count
            if not message.get("more_body", False):
                await send({"type": "http.response.body", "body": b""})

        scope["extensions"] = {EXTENSION: {}}
        await self._app(scope, receive, sending)


class BoundedProtocol(HttpToolsProtocol):
    """A connection that sends no request, an endless one, or one letter now and then, or takes no answer, does not keep
    its place."""

    places = Places()
    sender = ""
    _reading = True  # a head is awaited, or under way
    _turns = 0  # how often that has changed
    _head = 0  # bytes since then
    _limit: TimerHandle | None = None  # for a head, or the rest of a body
    _taking: TimerHandle | None = None
    _written = 0  # bytes of answers
    _taken = 0  # of these, when that was looked at last

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(_Gathering(transport, self.loop, self._sent))  # type: ignore[arg-type]
        if WORKS and self.scheme == "http":
            self.app = _WithFiles(self.app)
        self.sender = self.places.sender(self.client[0] if self.client else "")
        self._hurry(HEAD_SECONDS)
        self.places.arrived(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.places.left(self)
        self._relax()
        if isinstance(self.transport, _Gathering):
            self.transport.lost()
        if self._taking is not None:
            self._taking.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._reading and self._limit is None:
            self._hurry(HEAD_SECONDS)
        turns = self._turns
        super().data_received(data)
        self._head = self._head + len(data) if self._reading and self._turns == turns else 0
        if self._head > LARGEST_HEAD and not self.transport.is_closing():
            self.send_400_response(_TOO_LARGE)
        if self._head:
            self.places.began(self)

    def on_headers_complete(self) -> None:
        self._relax()
        self._reading = False
        self._turns += 1
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > LARGEST_HEAD:
            raise ValueError(_TOO_LARGE)  # answered as what is no HTTP
        if len(self.pipeline) >= MOST_AHEAD:
            raise ValueError(_TOO_LARGE)
        self.limit_concurrency = None if self.places.asked(self, self.url) else 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._relax()
        super().on_message_complete()
        self._reading = True
        self._turns += 1

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete:
            self.places.answered(self)
            if not self._reading and self._limit is None:
                self._hurry(REST_SECONDS)

    def give_up(self) -> None:
        """End it at once, whatever is to be sent."""
        self.transport.abort()

    def unsent(self) -> int:
        """Bytes that the system has not taken."""
        return self.transport.get_write_buffer_size()

    def _hurry(self, seconds: float) -> None:
        self._limit = self.loop.call_later(seconds, self._too_slow)

    def _relax(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _too_slow(self) -> None:
        self._limit = None
        if not self.transport.is_closing():
            self.transport.close()

    def _sent(self, size: int) -> None:
        self._written += size
        left = self.unsent()
        if left:
            self.places.owes(self, left)
            if self._taking is None:
                self._taken = self._written - left
                self._taking = self.loop.call_later(TAKE_SECONDS, self._look)

    def _look(self) -> None:
        """End it where whoever asked takes next to nothing of the answer."""
        left, self._taking = self.unsent(), None
        self.places.owes(self, left)
        taken = self._written - left
        if left and taken - self._taken < SLOWEST * TAKE_SECONDS:
            self.give_up()
        elif left:
            self._taken = taken
            self._taking = self.loop.call_later(TAKE_SECONDS, self._look)
