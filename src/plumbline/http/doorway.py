"""A listening socket before which few stand: connections whose handshake (TLS) is under way are no requests yet, and
nothing else counts them."""

from __future__ import annotations

import socket
from collections import Counter
from typing import Any
from weakref import ref

from plumbline.http.senders import sender_of

AT_ONCE = 64  # handshakes; one takes a few milliseconds of whoever means it


class Doorway(socket.socket):
    """Accepts as any socket. Where too many handshakes are under way, the oldest of whoever has most is ended."""

    def __init__(self, listening: socket.socket) -> None:
        super().__init__(listening.family, listening.type, listening.proto, fileno=listening.detach())
        self.counts = False  # handshakes
        self._standing: dict[ref[socket.socket], tuple[str, Any]] = {}  # with the address; the oldest first

    def accept(self) -> tuple[socket.socket, Any]:
        accepted, address = super().accept()
        if self.counts and isinstance(address, tuple):
            self._standing[ref(accepted)] = (sender_of(address[0]), address)
            if len(self._standing) > AT_ONCE:
                self._end_one()
        return accepted, address

    def entered(self, address: Any) -> None:
        """The handshake with this one has ended."""
        for one, (_, known) in list(self._standing.items()):
            if known[:2] == address:
                del self._standing[one]

    def _end_one(self) -> None:
        for one in list(self._standing):
            alive = one()
            if alive is None or alive.fileno() < 0:
                del self._standing[one]
        if len(self._standing) <= AT_ONCE:
            return
        [(most, _)] = Counter(sender for sender, _ in self._standing.values()).most_common(1)
        victim = next(one for one, (sender, _) in self._standing.items() if sender == most)
        del self._standing[victim]
        alive = victim()
        if alive is not None:
            try:
                alive.shutdown(socket.SHUT_RDWR)  # who reads from it learns that it is over, and closes it
            except OSError:
                return
