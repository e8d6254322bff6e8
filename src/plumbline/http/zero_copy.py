"""Parts of files in answers, sent by the system without passing through this process: ASGI's *zero copy send*.

1. A thread hands the file to the connection as long as it takes some, so that a slow disk holds up nobody else. When
   nothing was taken for a moment it leaves, and the event loop waits for room.
2. Who takes next to nothing of it is given up, by the same measure as with other answers.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import select
import struct
import sys
import termios
import time
from functools import cache
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

EXTENSION = "http.response.zerocopysend"
WORKS = sys.platform == "linux"  # elsewhere sendfile and what a socket holds are asked in another way
_THREADS = 8
_TURN = 0.25  # seconds for which one answer has a thread
_IDLE = 10  # milliseconds without room after which it gives the thread back
_AT_ONCE = 1 << 20  # bytes that the system is asked to send


class FilePart:
    """Bytes of an open file on their way into a connection. ``out``: a socket that does not block, and that nobody
    closes meanwhile; ``gone``: whether it was given up."""

    def __init__(self, out: socket.socket, file: int, start: int, count: int, gone: Callable[[], bool]) -> None:
        self._out = out
        self._file = file
        self._at, self._end = start, start + count
        self._gone = gone

    async def send(self, seconds: float, slowest: float) -> bool:
        """False where so many seconds went by with fewer bytes a second taken, or it was given up. Raises OSError."""
        counted = self._taken()
        while self._at < self._end and not self._gone():
            await anyio.to_thread.run_sync(self._push, limiter=_threads(asyncio.get_running_loop()))
            if self._at < self._end and not self._gone() and not await self._room(seconds):
                taken = self._taken()
                if taken - counted < slowest * seconds:
                    return False
                counted = taken
        return self._at >= self._end

    def _push(self) -> None:
        until, waiting = time.monotonic() + _TURN, select.poll()
        waiting.register(self._out, select.POLLOUT)
        while self._at < self._end and time.monotonic() < until and not self._gone():
            try:
                sent = os.sendfile(self._out.fileno(), self._file, self._at, min(_AT_ONCE, self._end - self._at))
            except BlockingIOError:
                if not waiting.poll(_IDLE):
                    return
                continue
            if not sent:
                raise OSError(f"the file ends at byte {self._at}, before byte {self._end}")
            self._at += sent

    async def _room(self, seconds: float) -> bool:
        """Whether there was room within so many seconds."""
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_writer(self._out, ready.set)
        try:
            with anyio.move_on_after(seconds):
                await ready.wait()
        finally:
            loop.remove_writer(self._out)
        return ready.is_set()

    def _taken(self) -> int:
        """How far the other side has it."""
        try:
            unsent = struct.unpack("i", fcntl.ioctl(self._out, termios.TIOCOUTQ, b"\0\0\0\0"))[0]
        except OSError:
            unsent = 0
        return self._at - int(unsent)


@cache
def _threads(_loop: Any) -> anyio.CapacityLimiter:
    return anyio.CapacityLimiter(_THREADS)
