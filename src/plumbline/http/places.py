"""Which connections may stay: those that nobody is known behind are few for each sender, and give way first."""

from __future__ import annotations

import time
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from plumbline.http.senders import sender_of

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_CONNECTIONS = 1536
RESERVED = 256  # beside these, for what always answers
SILENT_OF_ONE = 128  # connections of one sender whose head has not arrived,
SILENT = 1.0  # and has not for so many seconds: who has just come may have sent it
MOST_UNSENT = 32 << 20  # bytes of answers that nobody takes
ALWAYS = (b"/healthz", b"/readyz", b"/sign-in", b"/api/v1/session", b"/hooks/")  # beginnings of paths


class Connection(Protocol):
    """One of them. ``sender``: empty where several people stand behind it, as behind a proxy."""

    sender: str

    def give_up(self) -> None:
        """End it at once. :meth:`Places.left` was called already."""

    def unsent(self) -> int:
        """Bytes of answers that are held for it."""


class Places:
    """The connections of a server. A connection is *silent* while its head is awaited, *idle* once it was answered, and
    *busy* in between. Not safe between threads: for the event loop."""

    def __init__(
        self, most: int = MOST_CONNECTIONS, *, trusted: Callable[[str], bool] = lambda _address: False
    ) -> None:
        """``trusted``: whether an address is that of a proxy, behind which many stand."""
        self._most = most
        self._trusted = trusted
        self._all: set[Connection] = set()
        self._idle: dict[Connection, None] = {}  # the one that is silent longest first, as below
        self._silent: dict[str, dict[Connection, float]] = {}  # by sender, with the time since when
        self._owed: dict[Connection, int] = {}  # bytes
        self._owed_in_all = 0

    def __len__(self) -> int:
        return len(self._all)

    def sender(self, address: str) -> str:
        return "" if self._trusted(address) else sender_of(address)

    def arrived(self, one: Connection) -> None:
        """It gets a place, of which another one may be deprived, or none."""
        self._all.add(one)
        self._hush(one)
        silent = self._silent[one.sender]
        if one.sender and len(silent) > SILENT_OF_ONE:
            before, spare = time.monotonic() - SILENT, len(silent) - SILENT_OF_ONE
            for other in [other for other, since in islice(silent.items(), spare) if since <= before]:
                self._end(other)
        if len(self._all) > self._most and not self._make_room(one) and len(self._all) > self._most + RESERVED:
            self._end(one)

    def began(self, one: Connection) -> None:
        """A first part of another head came."""
        if self._idle.pop(one, one) is None:
            self._hush(one)

    def asked(self, one: Connection, path: bytes) -> bool:
        """A head is there; whether it is to be answered."""
        self._idle.pop(one, None)
        self._speak(one)
        return len(self._all) <= self._most or path.startswith(ALWAYS)

    def answered(self, one: Connection) -> None:
        if one in self._all:
            self._idle[one] = None

    def left(self, one: Connection) -> None:
        self._all.discard(one)
        self._idle.pop(one, None)
        self._speak(one)
        self._owed_in_all -= self._owed.pop(one, 0)

    def owes(self, one: Connection, size: int) -> None:
        """So many bytes of answers are held for it. Where all hold too many, the largest of whoever holds most ends."""
        if one not in self._all:
            return
        self._owe(one, size)
        if self._owed_in_all > MOST_UNSENT:
            for other in list(self._owed):
                self._owe(other, other.unsent())
        while self._owed_in_all > MOST_UNSENT:
            held: Counter[str] = Counter()
            for other, owed in self._owed.items():
                held[other.sender] += owed
            [(most, _)] = held.most_common(1)
            theirs = (other for other in self._owed if other.sender == most)
            self._end(max(theirs, key=self._owed.__getitem__))

    def _owe(self, one: Connection, size: int) -> None:
        self._owed_in_all += size - self._owed.pop(one, 0)
        if size:
            self._owed[one] = size

    def _make_room(self, newest: Connection) -> bool:
        """Of idle connections the one that is so for longest goes; else of whoever has most silent ones, but not the
        newest: it may be about to ask for what always answers."""
        victim = next(iter(self._idle), None)
        if victim is None:
            most = max(self._silent, key=lambda sender: len(self._silent[sender]))
            victim = next((one for one in self._silent[most] if one is not newest), None)
        if victim is not None:
            self._end(victim)
        return victim is not None

    def _end(self, one: Connection) -> None:
        self.left(one)
        one.give_up()

    def _hush(self, one: Connection) -> None:
        self._silent.setdefault(one.sender, {})[one] = time.monotonic()

    def _speak(self, one: Connection) -> None:
        silent = self._silent.get(one.sender)
        if silent is not None:
            silent.pop(one, None)
            if not silent:
                del self._silent[one.sender]
