"""XML as build tools write it: an element tree, and nothing that a document type could define."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from plumbline.artifacts.sbom.lockfile import LockError
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

_DEEPEST = 200
_PIECE = 65536  # characters that are read at a time


def read_markup(text: str) -> Element:
    """With the namespaces taken off. Raises LockError ``malformed``, ``entities``, ``too-deep``."""
    from xml.etree.ElementTree import ParseError, XMLPullParser

    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise LockError("entities", t("It defines a document type, which a build file has no need of."))
    parser: XMLPullParser[Element] = XMLPullParser(["start", "end"])
    begun: list[Element] = []
    root: Element | None = None
    try:
        for begin in range(0, len(text), _PIECE):
            parser.feed(text[begin : begin + _PIECE])
            for event, element in cast("Iterable[tuple[str, Element]]", parser.read_events()):
                if event == "end":
                    root = begun.pop()
                    continue
                element.tag = element.tag.rpartition("}")[2]
                begun.append(element)
                if len(begun) > _DEEPEST:
                    raise LockError("too-deep", t("Its elements are nested more than {most} deep.", most=_DEEPEST))
        parser.close()
    except ParseError as error:
        raise LockError("malformed", t("It is not XML: {reason}", reason=str(error))) from None
    if root is None:
        raise LockError("malformed", t("It is empty."))
    return root


def text_of(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()
