"""Where a finding is, and whether a scan looked there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.reports.purls import without_version

if TYPE_CHECKING:
    from collections.abc import Collection

    from plumbline.model.report import Finding

EVERYTHING = "./"  # in a scope: the whole working copy


class Place(msgspec.Struct, frozen=True, order=True):
    """One place of a finding. Of what it is not in, the field is empty."""

    path: str = ""
    line: int = 0
    column: int = 0
    package: str = ""  # with its version
    image: str = ""
    object: str = ""


def place_of(finding: Finding) -> Place:
    return Place(finding.path, finding.line, finding.column, finding.package, finding.image, finding.object)


def covers(scope: Collection[str], place: Place) -> bool:
    """Whether this place is in what was looked at.

    A scope names paths, folders with a stroke at their end (``./`` is everything), packages, images and addresses.
    """
    if place.image:
        return any(repository(item) == repository(place.image) for item in scope)
    if place.path:
        return place.path in scope or any(_folder(item, place.path) for item in scope if item.endswith("/"))
    if place.package:
        return any(without_version(item) == without_version(place.package) for item in scope if item.startswith("pkg:"))
    return bool(place.object) and any(_at(item, place.object) for item in scope)


def _folder(item: str, path: str) -> bool:
    return item == EVERYTHING or ("://" not in item and path.startswith(item))


def _at(item: str, found: str) -> bool:
    """``GET https://a.example/b (c)`` is at ``https://a.example``, and not at ``https://a.ex``."""
    address = found.partition(" ")[2] if "://" in found.partition(" ")[2] else found
    rest = address[len(item) :]
    return bool(item) and address.startswith(item) and (not rest or item.endswith("/") or rest[0] in "/?#: ")


def repository(image: str) -> str:
    """The name of an image without tag and digest; a port of its host stays."""
    name = image.partition("@")[0]
    head, stroke, last = name.rpartition("/")
    return head + stroke + last.partition(":")[0]
