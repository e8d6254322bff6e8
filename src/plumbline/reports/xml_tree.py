"""A small XML document as a whole, for formats whose elements mean different things in different places."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from plumbline.reports.xml import XmlStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.model.report import Unreadable


def tree(data: bytes) -> ElementTree.Element | Unreadable:
    """The root element. Read twice: the first time to refuse entities and depth without end."""
    return XmlStream({}, {}).read(data) or ElementTree.fromstring(data)  # noqa: S314 - it has no entities


def local(element: ElementTree.Element) -> str:
    """The name without its namespace."""
    return element.tag.rpartition("}")[2]


def below(element: ElementTree.Element | None, name: str) -> Iterator[ElementTree.Element]:
    """The elements of this name directly below."""
    return (child for child in element if local(child) == name) if element is not None else iter(())


def first(element: ElementTree.Element | None, *names: str) -> ElementTree.Element | None:
    """The first element of the first name, in it the first of the second, and so on."""
    for name in names:
        element = next(below(element, name), None)
    return element


def said(element: ElementTree.Element | None, *names: str) -> str:
    """The text of such an element; empty where there is none."""
    found = first(element, *names)
    return (found.text or "").strip() if found is not None else ""
