"""What the lock files of Python have in common: names, the files of a package, and requirements as texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from plumbline.artifacts.sbom.digests import from_hex
from plumbline.artifacts.sbom.lockfile import file_digests, package
from plumbline.artifacts.sbom.shapes import table_at, tables_at, text_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plumbline.model.report import Component

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")


def normal(name: str) -> str:
    """As PEP 503 has it: the same package has one name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_in(requirement: str) -> str:
    """The normal name at the beginning of a requirement; empty where there is none."""
    found = _NAME.match(requirement)
    return normal(found[1]) if found else ""


def pinned(name: str, version: str, digests: Iterable[str] = (), **more: Any) -> Component:
    return package("pypi", normal(name), version, **file_digests(digests), **more)


def digests_of(entry: dict[str, Any], *, table: str = "") -> Iterator[str]:
    """Of the files of a package: ``files``, ``wheels``, ``sdist``, ``archive``; ``table``: where hashes stand by their
    algorithm."""
    single = [table_at(entry, name) for name in ("sdist", "archive")]
    for one in [*tables_at(entry, "files"), *tables_at(entry, "wheels"), *single]:
        if table:
            for algorithm, value in table_at(one, table).items():
                if digest := from_hex(f"{algorithm}:{value}"):
                    yield digest
        elif digest := from_hex(text_at(one, "hash")):
            yield digest


def with_needs(
    entries: Iterable[tuple[Component, Iterable[str]]],
) -> Iterator[Component]:
    """Components with the names of what they need, found among them; what is not there belongs to another platform."""
    import msgspec

    entries = [(one, tuple(needs)) for one, needs in entries]
    refs: dict[str, list[str]] = {}
    for one, _ in entries:
        refs.setdefault(one.name, []).append(one.ref)
    for one, needs in entries:
        found = sorted({ref for name in needs for ref in refs.get(name, ())} - {one.ref})
        yield msgspec.structs.replace(one, depends_on=tuple(found))
