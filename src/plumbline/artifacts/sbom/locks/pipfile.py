"""``Pipfile.lock`` of Pipenv."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.artifacts.sbom.digests import from_hex
from plumbline.artifacts.sbom.lockfile import Locked, LockFile, incomplete, merged
from plumbline.artifacts.sbom.pypi import pinned
from plumbline.artifacts.sbom.shapes import as_json, items_at, table_at, text_at, texts_in
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Mapping


def _read(text: str, _beside: Mapping[str, str]) -> Locked:
    document = as_json(text)
    found, unpinned = [], ""
    for section in document:
        if section == "_meta":
            continue
        scope = {"default": "required", "develop": "excluded"}.get(section, "optional")
        entries = table_at(document, section)
        for name in entries:
            entry = table_at(entries, name)
            digests = [digest for one in texts_in(items_at(entry, "hashes")) if (digest := from_hex(one))]
            version = text_at(entry, "version").lstrip("=") or text_at(entry, "ref")
            unpinned = unpinned or ("" if version else name)
            found.append(pinned(name, version, digests, scope=scope))
    more = incomplete("not-pinned", t("This names no single version."), unpinned) if unpinned else {}
    return Locked(components=merged(found), **more)


PART = LockFile(
    title=t("Lock file of Pipenv"),
    names=("Pipfile.lock",),
    read=_read,
    reference="https://pipenv.pypa.io/en/latest/pipfile.html",
)
