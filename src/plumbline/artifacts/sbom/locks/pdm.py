"""``pdm.lock``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.artifacts.sbom.lockfile import Locked, LockFile, merged
from plumbline.artifacts.sbom.pypi import digests_of, name_in, pinned, with_needs
from plumbline.artifacts.sbom.shapes import as_toml, items_at, tables_at, text_at, texts_in
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def _read(text: str, _beside: Mapping[str, str]) -> Locked:
    found = []
    for entry in tables_at(as_toml(text), "package"):
        component = pinned(text_at(entry, "name"), text_at(entry, "version"), digests_of(entry), scope=_scope(entry))
        found.append((component, [name_in(one) for one in texts_in(items_at(entry, "dependencies"))]))
    return Locked(components=merged(with_needs(found)))


def _scope(entry: dict[str, Any]) -> str:
    groups = list(texts_in(items_at(entry, "groups")))
    if not groups:
        return ""
    return "required" if "default" in groups else "excluded" if "dev" in groups else "optional"


PART = LockFile(
    title=t("Lock file of PDM"),
    names=("pdm.lock",),
    read=_read,
    reference="https://pdm-project.org/latest/usage/lockfile/",
)
