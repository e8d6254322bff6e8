"""Asking an address outside: only that one, and in time."""

from __future__ import annotations

import socket
import urllib.request
from contextlib import contextmanager, suppress
from threading import Timer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Another address is another place: whoever set this one up meant no other, and gave no credential for it."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@contextmanager
def within(timeout: float, connected: list[socket.socket]) -> Iterator[None]:
    """Ends what was connected when the time is over: who sends a byte now and then would hold up all others."""

    def end() -> None:
        for one in connected:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    timer = Timer(timeout, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
