"""Which declared operation a call was: path templates, the most specific first, below the contract's base paths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

if TYPE_CHECKING:
    from plumbline.model.report import Contract, Operation

LONGEST = 8192  # characters of a path that is looked at
_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://[^/?#]*")
_PARAMETER = re.compile(r"\{[^{}]*\}")


class Route(NamedTuple):
    """One operation below one base. ``segments``: of each the literal texts around its parameters. ``rank``: for each
    0 where it is literal, 1 where it is mixed, 2 where it is a parameter alone."""

    operation: Operation
    verb: str
    segments: tuple[tuple[str, ...], ...]
    rank: tuple[int, ...]


class Routes:
    """The operations of one contract, by what is called."""

    def __init__(self, contract: Contract) -> None:
        self.style = contract.style
        self.bases = tuple(filter(None, (path_of(base).rstrip("/") for base in contract.bases)))
        self._exact: dict[tuple[str, str], Operation] = {}
        self._by_length: dict[int, list[Route]] = {}
        for operation in contract.operations:
            verb = self._verb(operation.verb)
            self._exact.setdefault((verb, operation.name), operation)
            for base in dict.fromkeys((*self.bases, "")):
                route = _route(operation, verb, self._split(base + operation.name))
                self._by_length.setdefault(len(route.segments), []).append(route)
        for routes in self._by_length.values():
            routes.sort(key=lambda route: route.rank)
        self._verbs = {verb for verb, _ in self._exact}

    def find(self, verb: str, name: str) -> Operation | None:
        """The operation behind a path, an address or an operation's own name; None where none is declared."""
        if len(name) > LONGEST:
            return None
        verb, path = self._verb(verb), path_of(name)
        for text in (name, path):
            if (verb, text) in self._exact:
                return self._exact[verb, text]
        segments = self._split(path)
        found = self._match(verb, segments)
        if found is not None:
            return found
        return self._match(verb, segments[:-1] if not segments[-1] else (*segments, ""))

    def declares(self, name: str) -> bool:
        """Whether the path of a call is declared, with whatever verb."""
        return any(self.find(verb, name) is not None for verb in self._verbs)

    def within(self, name: str) -> bool:
        """Whether a call is at this interface at all: below one of its base paths, where it has any."""
        segments = tuple(map(unquote, self._split(path_of(name))))
        for base in self.bases:
            wanted = [_segment(segment)[0] for segment in self._split(base)]
            if len(segments) >= len(wanted) and all(map(_fits, wanted, segments)):
                return True
        return not self.bases

    def _match(self, verb: str, segments: tuple[str, ...]) -> Operation | None:
        decoded = tuple(map(unquote, segments))
        for route in self._by_length.get(len(segments), ()):
            if route.verb == verb and all(map(_fits, route.segments, decoded)):
                return route.operation
        return None

    def _verb(self, verb: str) -> str:
        """A call of gRPC is a POST to the name of its method, and one with no verb where its own tools tell of it."""
        if self.style == "grpc":
            return ""
        return verb.lower() if self.style in ("graphql", "asyncapi") else verb.upper()

    def _split(self, path: str) -> tuple[str, ...]:
        """Channels of a message broker may be divided by dots."""
        between = "." if self.style == "asyncapi" and "/" not in path else "/"
        return tuple(path.removeprefix("/").split(between))


def path_of(text: str) -> str:
    """An address or a path without host, query and fragment."""
    found = _HOST.match(text)
    return re.split(r"[?#]", text[found.end() :] if found else text, maxsplit=1)[0]


def _route(operation: Operation, verb: str, segments: tuple[str, ...]) -> Route:
    made = [_segment(segment) for segment in segments]
    return Route(operation, verb, tuple(parts for parts, _ in made), tuple(rank for _, rank in made))


def _segment(text: str) -> tuple[tuple[str, ...], int]:
    parts = tuple(map(unquote, _PARAMETER.split(text)))
    return parts, 0 if len(parts) == 1 else 1 if any(parts) else 2


def _fits(parts: tuple[str, ...], text: str) -> bool:
    """Whether a text is these parts in order, with at least one character at each place of a parameter."""
    first, *between = parts
    if not between:
        return first == text
    last = between.pop()
    if not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for part in between:
        at = text.find(part, at + 1, end)
        if at < 0:
            return False
        at += len(part)
    return at < end
