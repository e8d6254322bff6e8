"""What a handler is given: what use cases are handed, who calls, and what it may say beside its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plumbline.access import SIGNED_OUT, Actor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from plumbline.flow.service import Service


@dataclass(slots=True)
class Call:
    """One request to one operation. ``now`` is when it came, in microseconds."""

    tools: Service  # what use cases are handed, by subject
    request_id: str
    address: str
    headers: Mapping[str, str]
    now: int
    actor: Actor = SIGNED_OUT
    answer_headers: list[tuple[str, str]] = field(default_factory=list)
    answer_status: int = 0  # one of the route's good ones; 0: its usual one


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer that is not JSON; piece by piece where it is long."""

    content: bytes | Iterator[bytes]
    media: str = "application/octet-stream"
    status: int | None = None  # None: the one of the route
    headers: tuple[tuple[str, str], ...] = ()
