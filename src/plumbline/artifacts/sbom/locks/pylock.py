"""``pylock.toml``, the lock file that Python's own standards define (PEP 751)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.artifacts.sbom.lockfile import Locked, LockFile, incomplete, merged
from plumbline.artifacts.sbom.pypi import digests_of, normal, pinned, with_needs
from plumbline.artifacts.sbom.shapes import as_toml, table_at, tables_at, text_at
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Mapping


def _read(text: str, _beside: Mapping[str, str]) -> Locked:
    found, unpinned = [], ""
    for entry in tables_at(as_toml(text), "packages"):
        name = text_at(entry, "name")
        version = text_at(entry, "version") or text_at(table_at(entry, "vcs"), "commit-id")
        unpinned = unpinned or ("" if version else name)
        component = pinned(name, version, digests_of(entry, table="hashes"))
        found.append((component, [normal(text_at(one, "name")) for one in tables_at(entry, "dependencies")]))
    more = incomplete("not-pinned", t("This names no single version."), unpinned) if unpinned else {}
    return Locked(components=merged(with_needs(found)), **more)


PART = LockFile(
    title=t("Lock file of Python's standards"),
    names=("pylock.toml", "pylock.*.toml"),
    read=_read,
    reference="https://packaging.python.org/en/latest/specifications/pylock-toml/",
)
