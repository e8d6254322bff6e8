"""``poetry.lock`` of Poetry 1 and 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.artifacts.sbom.digests import from_hex
from plumbline.artifacts.sbom.lockfile import Locked, LockFile, merged
from plumbline.artifacts.sbom.pypi import digests_of, normal, pinned, with_needs
from plumbline.artifacts.sbom.shapes import as_toml, items_at, table_at, tables_at, text_at, texts_in
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def _read(text: str, _beside: Mapping[str, str]) -> Locked:
    document = as_toml(text)
    files = table_at(table_at(document, "metadata"), "files")  # of Poetry 1.0 to 1.2
    found = []
    for entry in tables_at(document, "package"):
        name = text_at(entry, "name")
        digests = list(digests_of(entry))
        digests += [digest for one in tables_at(files, name) if (digest := from_hex(text_at(one, "hash")))]
        component = pinned(name, text_at(entry, "version"), digests, scope=_scope(entry))
        found.append((component, [normal(each) for each in table_at(entry, "dependencies")]))
    return Locked(components=merged(with_needs(found)))


def _scope(entry: dict[str, Any]) -> str:
    if entry.get("optional") is True:
        return "optional"
    groups = list(texts_in(items_at(entry, "groups"))) or [text_at(entry, "category")]
    if groups == [""]:
        return ""
    return "required" if "main" in groups else "excluded"


PART = LockFile(
    title=t("Lock file of Poetry"),
    names=("poetry.lock",),
    read=_read,
    reference="https://python-poetry.org/docs/basic-usage/#installing-with-poetrylock",
)
