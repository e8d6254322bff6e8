"""HTTP/1.1 on one connection, and how long and how large the head of a request may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle, Transport

LARGEST_HEAD = 32 * 1024  # bytes
_TOO_LARGE = "The head of the request is too large."
HEAD_SECONDS = 20.0  # within which a head has to arrive, from the connection or from its first byte


class _Gathering:
    """A transport that sends together what is written at once: the head of an answer and its body are one packet."""

    def __init__(self, transport: Transport, loop: AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._waiting:
            self._loop.call_soon(self._send)
        self._waiting.append(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._waiting:
            data = b"".join(self._waiting)
            self._waiting.clear()
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class BoundedProtocol(HttpToolsProtocol):
    """A connection that sends no request, an endless one, or one letter now and then, does not keep its place."""

    _reading = True  # a head is awaited, or under way
    _turns = 0  # how often that has changed
    _head = 0  # bytes since then
    _limit: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(_Gathering(transport, self.loop))  # type: ignore[arg-type]
        self._hurry()

    def connection_lost(self, exc: Exception | None) -> None:
        self._relax()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._reading and self._limit is None:
            self._hurry()
        turns = self._turns
        super().data_received(data)
        self._head = self._head + len(data) if self._reading and self._turns == turns else 0
        if self._head > LARGEST_HEAD and not self.transport.is_closing():
            self.send_400_response(_TOO_LARGE)

    def on_headers_complete(self) -> None:
        self._relax()
        self._reading = False
        self._turns += 1
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > LARGEST_HEAD:
            raise ValueError(_TOO_LARGE)  # answered as what is no HTTP
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._reading = True
        self._turns += 1

    def _hurry(self) -> None:
        self._limit = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _relax(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _too_slow(self) -> None:
        self._limit = None
        if not self.transport.is_closing():
            self.transport.close()
