"""YAML that nobody wrote for us: built from its events, all scalars as texts, with limits on everything that grows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.report import Unreadable
from plumbline.reports import limits

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST = 16 << 20  # bytes
_EVENTS = 2_000_000
_ALIASES = 10_000
_MERGED = 100_000  # keys that come from elsewhere
_DEPTH = limits.DEPTH


class _Refused(Exception):  # noqa: N818 - a document, not a fault
    """The document is not read on."""


def decode(data: bytes) -> Any | Unreadable:
    """The first document; an anchored value is shared, not copied. Too much of anything, or malformed: Unreadable."""
    import yaml  # here, because it takes 10 ms and most reports are of other forms

    if len(data) > LARGEST:
        return Unreadable(code="too-large", message=t("YAML of more than {most} MB is not read.", most=LARGEST >> 20))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(data)
    try:
        return _Builder(loader.get_event, yaml.events).document()
    except _Refused:
        return Unreadable(
            code="too-deep", message=t("The YAML is too deep, has too many values, or uses too many aliases.")
        )
    except yaml.YAMLError as error:
        mark, reason = getattr(error, "problem_mark", None), getattr(error, "problem", None) or "?"
        line = mark.line + 1 if mark else 0
        message = t("The YAML breaks at line {line}: {reason}", line=line, reason=reason)
        return Unreadable(code="malformed", message=message)
    finally:
        loader.dispose()


class _Builder:
    def __init__(self, following: Callable[[], Any], kinds: Any) -> None:
        self._next, self._kinds = following, kinds
        self._anchors: dict[str, Any] = {}
        self._events = self._aliases = self._merged = 0

    def document(self) -> Any:
        event = self._next()
        while not isinstance(event, self._kinds.DocumentStartEvent):
            if isinstance(event, self._kinds.StreamEndEvent):
                return None
            event = self._next()
        return self._value(self._next(), 0)

    def _value(self, event: Any, depth: int) -> Any:
        self._events += 1
        if depth > _DEPTH or self._events > _EVENTS:
            raise _Refused
        if isinstance(event, self._kinds.AliasEvent):
            self._aliases += 1
            if self._aliases > _ALIASES:
                raise _Refused
            return self._anchors.get(event.anchor)
        if isinstance(event, self._kinds.ScalarEvent):
            return self._anchored(event, event.value)
        if isinstance(event, self._kinds.SequenceStartEvent):
            return self._sequence(self._anchored(event, []), depth)
        return self._mapping(self._anchored(event, {}), depth)

    def _anchored(self, event: Any, value: Any) -> Any:
        if event.anchor:
            self._anchors[event.anchor] = value
        return value

    def _sequence(self, found: list[Any], depth: int) -> list[Any]:
        event = self._next()
        while not isinstance(event, self._kinds.SequenceEndEvent):
            found.append(self._value(event, depth + 1))
            event = self._next()
        return found

    def _mapping(self, found: dict[str, Any], depth: int) -> dict[str, Any]:
        merged: list[Any] = []
        event = self._next()
        while not isinstance(event, self._kinds.MappingEndEvent):
            key = self._value(event, depth + 1)
            value = self._value(self._next(), depth + 1)
            if key == "<<":
                merged += value if type(value) is list else [value]
            elif type(key) is str:
                found[key] = value
            event = self._next()
        for source in merged:
            if type(source) is dict and source is not found:
                self._merged += len(source)
                if self._merged > _MERGED:
                    raise _Refused
                for key, value in source.items():
                    found.setdefault(key, value)
        return found
