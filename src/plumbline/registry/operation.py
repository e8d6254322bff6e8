"""One operation of the registry: its address, who may, and how it is carried out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response

from plumbline.registry.call import Call

if TYPE_CHECKING:
    from plumbline.access import UseCase

Handler = Callable[[Call], Response]
Carrier = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Operation:
    """``action``: what a token of the registry has to be made for. Exactly one of ``handler``, which is called in a
    thread, and ``carrier``, which takes the body as it comes."""

    method: str
    path: str
    use_cases: tuple[UseCase, ...]
    action: str  # pull, push, delete; empty: none of these
    handler: Handler | None = None
    carrier: Carrier | None = None
    changes: bool = False  # else it only looks: all of it at one moment

    @property
    def name(self) -> str:
        made = self.handler or self.carrier
        return f"registry_{made.__name__}" if made is not None else ""


def looks(path: str, *use_cases: UseCase, action: str = "pull") -> Callable[[Handler], Operation]:
    """Make a function what answers GET and HEAD."""
    return lambda handler: Operation("GET", path, use_cases, action, handler=handler)


def does(method: str, path: str, *use_cases: UseCase, action: str) -> Callable[[Handler], Operation]:
    """Make a function what changes something, without a body or with a small one."""
    return lambda handler: Operation(method, path, use_cases, action, handler=handler, changes=True)


def takes(method: str, path: str, *use_cases: UseCase, action: str = "push") -> Callable[[Carrier], Operation]:
    """Make a coroutine what takes a body, however large."""
    return lambda carrier: Operation(method, path, use_cases, action, carrier=carrier, changes=True)
