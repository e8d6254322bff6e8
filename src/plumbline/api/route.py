"""One operation of the API: what it takes, what it answers, who may, and every status it can have."""

from __future__ import annotations

import typing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from plumbline.access import Place
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.access import UseCase
    from plumbline.kernel import Text

PREFIX = "/api/v1"
SMALL_BODY = 64 * 1024  # bytes
_RESERVED = frozenset({"call", "body", "query", "return"})


@dataclass(frozen=True, slots=True)
class Route:
    """A handler with what its signature says about it.

    A handler takes the call, ``body`` and ``query`` where it has them (structs), and the parameters of its path by
    name. What it returns is encoded as ``answer``; None is an empty answer.
    """

    method: str
    path: str  # below PREFIX (but for webhooks), with ``{parameters}``; one that may hold slashes is ``{name:path}``
    title: Text
    handler: Callable[..., Any]
    use_cases: tuple[UseCase, ...]  # what it carries out; who may is in their table
    status: int
    also: frozenset[int]  # what else it answers where all is well
    refusals: frozenset[int]  # beside those that follow from the rest
    largest: int  # bytes of the body
    media: str  # of the answer
    raw_body: bool  # the handler wants the bytes as they came, and their headers
    slow: bool  # may take more than a moment: others do not wait for it
    parameters: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    may_be_empty: bool = False  # the body may be left out: the handler takes None too
    query: Any = None
    answer: Any = None

    @property
    def open(self) -> bool:
        """Nobody needs to be signed in."""
        return any(use_case.at is Place.ANYBODY for use_case in self.use_cases)

    @property
    def name(self) -> str:
        return self.handler.__name__

    @property
    def address(self) -> str:
        """Webhooks and what a witness is asked with have no version: their addresses stand in the settings of other
        systems."""
        path = self.path.replace(":path}", "}")
        return path if path.startswith(("/hooks/", "/witness/")) else PREFIX + path

    @property
    def tag(self) -> str:
        return self.handler.__module__.rpartition(".")[2]

    @property
    def statuses(self) -> frozenset[int]:
        """Every status this operation can answer with, except 500, which is always a bug."""
        found = {self.status, 503} | self.also | self.refusals
        if not self.open:
            found |= {401, 403}
        if self.query is not None or self.body is not None:
            found.add(400)
        if self.parameters:
            found.add(404)
        if self.body is not None or self.raw_body:
            found |= {400, 408, 413}
        if self.body is not None:
            found.add(415)
        return frozenset(found)


def route(
    method: str,
    path: str,
    title: Text,
    *,
    use_case: UseCase | tuple[UseCase, ...],
    status: int = 200,
    also: tuple[int, ...] = (),
    refusals: tuple[int, ...] = (),
    largest: int = SMALL_BODY,
    media: str = "application/json",
    raw_body: bool = False,
    slow: bool = False,
) -> Callable[[Callable[..., Any]], Route]:
    """Make a function a route, its types read from its annotations."""

    def made(handler: Callable[..., Any]) -> Route:
        hints = typing.get_type_hints(handler, include_extras=True)
        answer = hints.get("return")
        for name, hint in hints.items():
            if name not in ("call", "return"):
                ready(hint)
        return Route(
            method=method,
            path=path,
            title=title,
            handler=handler,
            use_cases=use_case if isinstance(use_case, tuple) else (use_case,),
            status=status,
            also=frozenset(also),
            refusals=frozenset(refusals),
            largest=largest,
            media=media,
            raw_body=raw_body,
            slow=slow or method != "GET",
            parameters={name: hint for name, hint in hints.items() if name not in _RESERVED},
            body=None if raw_body else _of_body(hints.get("body")),
            may_be_empty=_is_optional(hints.get("body")),
            query=hints.get("query"),
            answer=None if answer is type(None) else answer,
        )

    return made


def _is_optional(hint: Any) -> bool:
    return type(None) in typing.get_args(hint)


def _of_body(hint: Any) -> Any:
    """The struct, of a hint that may take None besides."""
    if not _is_optional(hint):
        return hint
    return next(kind for kind in typing.get_args(hint) if kind is not type(None))
