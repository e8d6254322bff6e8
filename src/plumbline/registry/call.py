"""One request at the doors of artifacts: who asks, for what, and where its work is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import anyio.to_thread
from starlette.requests import Request

from plumbline.access import SIGNED_OUT, Actor
from plumbline.flow.artifacts.registry_tokens import Shown
from plumbline.flow.service import Service
from plumbline.kernel.text import in_language

if TYPE_CHECKING:
    from anyio import CapacityLimiter

T = TypeVar("T")


@dataclass(slots=True)
class Rooms:
    """Threads: so many for what is asked of the store, for bytes that come in, and for those that go out."""

    reads: CapacityLimiter
    writes: CapacityLimiter
    incoming: CapacityLimiter
    outgoing: CapacityLimiter
    bodies: CapacityLimiter  # uploads that arrive at the same time,
    held: Counter[str] = field(default_factory=Counter)  # and how many of these are of one sender


@dataclass(slots=True)
class Call:
    """``scopes`` of a challenge: what a token would have to be made for."""

    service: Service
    request: Request
    rooms: Rooms
    language: str = "en"
    actor: Actor = SIGNED_OUT
    shown: Shown = field(default_factory=lambda: Shown(SIGNED_OUT))  # the token
    scope: str = ""
    headers: dict[str, str] = field(default_factory=dict)  # of every answer

    @property
    def name(self) -> str:
        """Of the repository."""
        return self.part("name")

    def part(self, name: str) -> str:
        """Of the address."""
        return str(self.request.path_params.get(name, ""))

    def query(self, name: str) -> str | None:
        return self.request.query_params.get(name)

    async def change(self, act: Callable[[], T]) -> T:
        """In a thread, where something is asked of the store or written to it."""
        return await self.run(act, self.rooms.writes)

    async def run(self, act: Callable[[], T], room: CapacityLimiter) -> T:
        def acting() -> T:
            with in_language(self.language):
                return act()

        return await anyio.to_thread.run_sync(acting, limiter=room)
