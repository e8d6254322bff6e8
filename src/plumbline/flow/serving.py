"""What the server's flows are handed: the adapters behind their ports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from plumbline.flow.refusals import Refusals
from plumbline.model import Books, Check, Ledger, Passwords, Registry, Vault


class Records(Registry, Books, Protocol):
    """All that is kept, in one transaction."""


class Store(Protocol):
    """Opens transactions over everything; it is a Registries and a Bookkeeping as well."""

    def change(self) -> AbstractContextManager[Records]: ...

    def view(self) -> AbstractContextManager[Records]: ...


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happens, and what its events are signed with."""

    now: int  # microseconds since the epoch
    source: str  # CDEvents context.source of this installation
    new_id: Callable[[], str]


class FigureNow(NamedTuple):
    """A number as it is now, for those who watch the server."""

    name: str
    text: str
    value: float


@dataclass(frozen=True, slots=True)
class ServerTools:
    """Everything that the server may touch. Built by ``wiring_server`` alone; used from many threads."""

    store: Store
    ledger: Ledger
    passwords: Passwords
    vault: Vault
    refusals: Refusals
    source: str
    clock: Callable[[], int]  # microseconds since the epoch
    secret: Callable[[int], bytes]  # random bytes
    new_id: Callable[[], str]
    readiness: Callable[[], Sequence[Check]]  # what has to work before requests are welcome
    figures: Callable[[], list[FigureNow]]  # PlumblineError where the store does not answer
    secure_cookies: bool = False  # browsers reach it by https

    def moment(self, now: int) -> Moment:
        return Moment(now, self.source, self.new_id)
