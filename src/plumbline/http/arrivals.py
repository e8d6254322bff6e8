"""Bodies of requests on their way: how many, how large and how slow they may be in all, and who gives way."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from plumbline.http.senders import sender_of
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

UNKNOWN_SECONDS = 10.0  # within which a body of somebody unknown has to arrive,
KNOWN_SECONDS = 30.0  # and one of somebody who is signed in;
RATE = 128 * 1024  # bytes a second that a larger one needs at least
SMALL = 16 * 1024  # bytes: more are taken of nobody who has to sign in first
OF_ONE = 64  # bodies of one sender on their way
IN_ALL = 256
MOST_BYTES = 48 << 20  # of all that are on their way or being looked at


@dataclass(eq=False, slots=True)
class Arrival:
    """The body of one request. ``sender``: whom it counts for."""

    sender: str
    seconds: float
    size: int = 0
    whole: bool = False
    pushed_out: bool = False
    scope: anyio.CancelScope | None = None
    begun: float = field(default_factory=time.monotonic)

    def give_way(self) -> None:
        self.pushed_out = True
        if self.scope is not None:
            self.scope.cancel()


class Arrivals:
    """All of a server. Where there are too many, or too many bytes, the oldest of whoever has most gives way. Not safe
    between threads: for the event loop."""

    def __init__(self) -> None:
        self._coming: dict[str, dict[Arrival, None]] = {}  # by sender, the oldest first
        self._count = 0
        self._bytes = 0

    @contextmanager
    def arrival(self, request: Request, person: int = 0) -> Iterator[Arrival]:
        """For as long as the bytes are held. ``person``: who is known to send it; 0: nobody."""
        address = request.client.host if request.client else ""
        one = Arrival(
            f"person:{person}" if person else sender_of(address), KNOWN_SECONDS if person else UNKNOWN_SECONDS
        )
        self._coming.setdefault(one.sender, {})[one] = None
        self._count += 1
        if len(self._coming[one.sender]) > OF_ONE:
            self._push_out(one.sender)
        elif self._count > IN_ALL:
            self._push_out(max(self._coming, key=lambda sender: len(self._coming[sender])))
        try:
            yield one
        finally:
            self._forget(one)
            self._bytes -= one.size

    async def read(self, request: Request, one: Arrival, most: int) -> bytes:
        """The whole body, of at most so many bytes. Raises PlumblineError ``body-too-large`` or ``request-too-slow``,
        without reading the rest."""
        length = request.headers.get("content-length", "")
        if length.isdecimal() and (len(length) > 18 or int(length) > most):
            raise _too_large(most)
        data = bytearray()
        with anyio.CancelScope() as one.scope:
            one.scope.deadline = anyio.current_time() + one.seconds
            if one.pushed_out:
                one.scope.cancel()
            async for part in request.stream():
                if len(data) + len(part) > most:
                    raise _too_large(most)
                data += part
                one.scope.deadline += len(part) / RATE
                self._grow(one, len(part))
        if one.scope.cancelled_caught:
            raise _too_slow(one)
        one.scope, one.whole = None, True
        self._forget(one)
        return bytes(data)

    def _grow(self, one: Arrival, size: int) -> None:
        one.size += size
        self._bytes += size
        if self._bytes <= MOST_BYTES:
            return
        held = {sender: sum(each.size for each in theirs) for sender, theirs in self._coming.items()}
        self._push_out(max(held, key=held.__getitem__))

    def _push_out(self, sender: str) -> None:
        victim = next(iter(self._coming[sender]))
        self._forget(victim)
        victim.give_way()

    def _forget(self, one: Arrival) -> None:
        """It is not on its way any more."""
        theirs = self._coming.get(one.sender)
        if theirs is not None and theirs.pop(one, one) is None:
            self._count -= 1
            if not theirs:
                del self._coming[one.sender]


def arrivals_of(request: Request) -> Arrivals:
    """Of the server that it came to."""
    found: Arrivals = request.scope["state"]["arrivals"]
    return found


def more_than(request: Request, size: int) -> bool:
    """Whether its body has more bytes than this, or does not say how many."""
    length = request.headers.get("content-length", "")
    if length.isdecimal():
        return len(length) > 18 or int(length) > size
    return "transfer-encoding" in request.headers


def _too_large(most: int) -> PlumblineError:
    return PlumblineError(
        "body-too-large", t("At most {count} bytes are taken here.", count=most), kind=ErrorKind.REFUSED
    )


def _too_slow(one: Arrival) -> PlumblineError:
    if one.pushed_out:
        message = t("Too many requests were on their way at once, and this one had not arrived.")
    else:
        message = t("The body did not arrive within {count} seconds.", count=math.ceil(time.monotonic() - one.begun))
    return PlumblineError("request-too-slow", message, t("Send it again."), kind=ErrorKind.REFUSED)
