"""One look at a file: its shape by its bytes, and what its outermost part says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

import msgspec

from plumbline.kernel import t
from plumbline.model.report import Unreadable
from plumbline.reports import json
from plumbline.reports.encoding import in_utf8
from plumbline.reports.parser import Marks
from plumbline.reports.xml import EnoughError, RefusedError, refuse_entity

if TYPE_CHECKING:
    from plumbline.model.report import Defect
    from plumbline.reports.parser import Source

_CHILDREN = 40  # of the root element that are looked at
_FIRST = 8 << 10  # bytes of a text
_PIECE = 64 << 10
_LATEST = 1 << 20  # by which the first element has to begin and end


def look(source: Source, wanted: str = "") -> Marks | Unreadable:
    """What this file is by its outside. ``wanted``: what the sender calls it, kept in the marks."""
    clean = in_utf8(source)
    return clean if isinstance(clean, Unreadable) else look_at(*clean, wanted)


def look_at(source: Source, defects: tuple[Defect, ...], wanted: str) -> Marks | Unreadable:
    """The same for a file that is in UTF-8 by now; ``defects`` are those of its encoding."""
    data = source.data
    begin = data[:_PIECE].lstrip()
    if not begin and not data.strip():
        return Unreadable(code="empty", message=t("The file is empty: that says nothing."))
    if begin.startswith(b"PK\x03\x04"):
        found: Marks | Unreadable = Marks(shape="zip")
    elif begin[:1] == b"<":
        found = _xml(data)
    elif begin[:1] in b"{[":
        found = _json(data)
    else:
        found = _text(data)
    if isinstance(found, Unreadable):
        return found
    return msgspec.structs.replace(found, wanted=wanted, defects=(*defects, *found.defects))


def _xml(data: bytes) -> Marks | Unreadable:
    """The root element and the first ones below it, as far as they can be read."""
    root: list[tuple[str, dict[str, str]]] = []
    children: list[str] = []
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        if depth == 0:
            root.append((name, attributes))
        elif depth == 1:
            children.append(name.rpartition(":")[2])
            if len(children) == _CHILDREN:
                raise EnoughError
        depth += 1

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.EntityDeclHandler = refuse_entity
    try:
        parser.Parse(data[:_PIECE], False)
        if not root:
            parser.Parse(data[_PIECE:_LATEST], False)
    except EnoughError:
        pass
    except RefusedError as refused:
        return Unreadable(code=refused.code, message=refused.message)
    except expat.ExpatError as error:
        if not root:
            return Unreadable(
                code="malformed",
                message=t(
                    "The file begins like XML and is none ({reason}).",
                    reason=expat.errors.messages.get(error.code, "?"),
                ),
            )
    if not root:
        return Unreadable(
            code="malformed", message=t("The file begins like XML and has no element that could be read.")
        )
    name, attributes = root[0]
    prefix, _, local = name.rpartition(":")
    namespace = attributes.get(f"xmlns:{prefix}" if prefix else "xmlns", "")
    return Marks(shape="xml", root=local, namespace=namespace, children=tuple(children), attributes=attributes)


def _json(data: bytes) -> Marks | Unreadable:
    decoded = json.decode(data)
    if isinstance(decoded, Unreadable):
        first = data.lstrip().split(b"\n", 1)[0].strip()
        if first[:1] == b"{" and first[-1:] == b"}" and (lines := json.decode_lines(data)):
            return Marks(shape="jsonl", document=lines)
        if data.lstrip()[:1] == b"[" and decoded.code == "malformed":
            return _text(data)  # an INI file, a log
        return decoded
    document, defects = decoded
    if document in ({}, []):
        return Unreadable(
            code="empty",
            message=t(
                "The file holds an empty list or object: it does not say who looked at what, and so it is no result."
            ),
        )
    if not isinstance(document, dict):
        return Marks(shape="json", document=document, defects=defects)
    schema = document.get("$schema", "")
    return Marks(
        shape="json",
        children=tuple(document),
        schema=schema if isinstance(schema, str) else "",
        document=document,
        defects=defects,
    )


def _text(data: bytes) -> Marks:
    first = data[:_FIRST]
    if b"\0" in first:
        return Marks(shape="binary")
    return Marks(shape="text", first=first.decode("utf-8", "replace"))
