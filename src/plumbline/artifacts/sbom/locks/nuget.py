"""``packages.lock.json`` of NuGet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.artifacts.sbom.lockfile import Locked, LockError, LockFile, merged, package
from plumbline.artifacts.sbom.shapes import as_json, table_at, text_at
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.model.report import Component


def _read(text: str, _beside: Mapping[str, str]) -> Locked:
    document = as_json(text)
    frameworks = table_at(document, "dependencies")
    if "version" not in document or "dependencies" not in document:
        raise LockError("no-mark", t("It has no 'version', or no 'dependencies'."))
    found: list[Component] = []
    direct = set[str]()
    for framework in frameworks:
        entries = table_at(frameworks, framework)
        refs = {
            name.lower(): package("nuget", name, text_at(table_at(entries, name), "resolved")).ref
            for name in entries
            if text_at(table_at(entries, name), "type") != "Project"
        }
        for name in entries:
            entry = table_at(entries, name)
            needs = {refs[each.lower()] for each in table_at(entry, "dependencies") if each.lower() in refs}
            if name.lower() not in refs:
                direct |= needs  # another project of the same solution: what it asks for is asked for here
                continue
            hash_ = text_at(entry, "contentHash")  # over the package without its signature: no digest of the file
            properties = (("plumbline:nuget-content-hash", hash_),) if hash_ else ()
            version, depends_on = text_at(entry, "resolved"), tuple(sorted(needs))
            one = package("nuget", name, version, depends_on=depends_on, properties=properties)
            found.append(one)
            if text_at(entry, "type") == "Direct":
                direct.add(one.ref)
    return Locked(components=merged(found), direct=tuple(sorted(direct)))


PART = LockFile(
    title=t("Lock file of NuGet"),
    names=("packages.lock.json", "packages.*.lock.json"),
    read=_read,
    reference="https://learn.microsoft.com/en-us/nuget/consume-packages/package-references-in-project-files",
)
