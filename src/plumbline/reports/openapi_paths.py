"""Where an OpenAPI document says something by reference, and below which paths its servers are."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from plumbline.reports.values import mapped, maps, text

_HOPS = 10


def resolved(document: Any, value: Any) -> dict[str, Any] | None:
    """What a local reference leads to; None for one into another file, to nowhere, or in a circle."""
    for _ in range(_HOPS):
        if type(value) is not dict:
            return None
        reference = value.get("$ref")
        if type(reference) is not str:
            return value
        if not reference.startswith("#/"):
            return None
        value = pointed(document, reference)
    return None


def pointed(document: Any, reference: str) -> Any:
    """The value at ``#/a/b``; None where there is none."""
    for part in reference[2:].split("/"):
        name = unquote(part).replace("~1", "/").replace("~0", "~")
        if type(document) is list and name.isascii() and name.isdigit() and int(name) < len(document):
            document = document[int(name)]
        elif type(document) is dict:
            document = document.get(name)
        else:
            return None
    return document


def bases(document: dict[str, Any]) -> tuple[str, ...]:
    """The paths of its servers, with the defaults of their variables; nothing where they add none."""
    found = [_path(text(document.get("basePath"), 400))]
    for server in maps(document.get("servers")):
        url = text(server.get("url"), 1000)
        for name, variable in mapped(server.get("variables")).items():
            url = url.replace("{" + name + "}", text(mapped(variable).get("default"), 200))
        found.append(_path(url))
    return tuple(dict.fromkeys(filter(None, found)))


def _path(url: str) -> str:
    """``https://host/v1/`` and ``/v1`` are ``/v1``; a relative address is left as it is, below the root."""
    rest = url.partition("://")[2].partition("/")[2] if "://" in url else url
    path = rest.partition("?")[0].strip("/")
    return f"/{path}" if path and path != "." else ""
