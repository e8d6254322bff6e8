"""YAML of repositories as plain values, read without trust: nothing in it is built, merged or copied."""

from __future__ import annotations

from typing import Any

_MOST = 256 << 10  # bytes
_DEEPEST = 60  # levels; what people write has fewer


def documents(text: bytes) -> list[Any]:
    """Each document as dicts, lists and strings; empty where it is too large, too deep, or no YAML.

    A tag is passed over, what an alias stands for is the same value, and ``<<`` is a key like others."""
    import yaml  # takes 10 ms, and few commands look into files

    if len(text) > _MOST:
        return []
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: list[Any] = []
    open_: list[Any] = [found]  # lists, and pairs of a dict with its key where that was read
    named: dict[str, Any] = {}
    try:
        for event in yaml.parse(text, loader):
            if isinstance(event, yaml.CollectionEndEvent):
                open_.pop()
                continue
            if isinstance(event, yaml.AliasEvent):
                _put(open_[-1], named.get(event.anchor or ""))
                continue
            if not isinstance(event, yaml.NodeEvent):
                continue
            value: Any = event.value if isinstance(event, yaml.ScalarEvent) else []
            if isinstance(event, yaml.MappingStartEvent):
                value = _Mapping()
            if event.anchor:
                named[event.anchor] = value
            _put(open_[-1], value)
            if isinstance(event, yaml.CollectionStartEvent):
                open_.append(value)
                if len(open_) > _DEEPEST:
                    return []
    except (yaml.YAMLError, ValueError):  # ValueError: bytes that are no text
        return []
    return found


class _Mapping(dict[str, Any]):
    """``key``: what the next value belongs to; None where a key comes next."""

    key: str | None = None


def _put(into: Any, value: Any) -> None:
    if not isinstance(into, _Mapping):
        into.append(value)
    elif into.key is None:
        into.key = value if isinstance(value, str) else ""
    else:
        into[into.key] = value
        into.key = None
