"""``pnpm-lock.yaml`` of the versions 5, 6 and 9."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from plumbline.artifacts.sbom.indented import read_indented
from plumbline.artifacts.sbom.lockfile import Locked, LockError, LockFile, merged, scoped
from plumbline.artifacts.sbom.npm import published, split
from plumbline.artifacts.sbom.shapes import table_at, text_at
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from plumbline.model.report import Component

_OLD = re.compile(r"/((?:@[^/]+/)?[^/@][^/]*)/([^/_]+)(?:_.*)?\Z")  # version 5: /name/1.2.3_peers
_RUNS, _BESIDE = ("dependencies", "optionalDependencies"), ("devDependencies",)


def _read(text: str, _beside: Mapping[str, str]) -> Locked:
    document = read_indented(text)
    version = text_at(document, "lockfileVersion")
    if not version:
        raise LockError("no-mark", t("It does not say which version of lock file it is."))
    packages, snapshots = table_at(document, "packages"), table_at(document, "snapshots")
    entries = snapshots or packages
    made = {key: _component(key, _details(key, packages)) for key in entries}
    needs = {
        key: tuple(
            sorted({made[target].ref for target in _targets(table_at(entries, key), _RUNS, made) if target != key})
        )
        for key in made
    }
    components = merged(
        msgspec.structs.replace(one, depends_on=tuple(ref for ref in needs[key] if ref != one.ref))
        for key, one in made.items()
    )
    importers = table_at(document, "importers") or {".": document}
    projects = [table_at(importers, name) for name in importers]
    runs = {made[key].ref for one in projects for key in _targets(one, _RUNS, made)}
    beside = {made[key].ref for one in projects for key in _targets(one, _BESIDE, made)}
    return Locked(components=scoped(components, runs, beside), direct=tuple(sorted(runs | beside)))


def _details(key: str, packages: dict[str, Any]) -> dict[str, Any]:
    """From version 9 on, what a package is and what it was resolved with stand apart."""
    return table_at(packages, key) or table_at(packages, key.partition("(")[0])


def _component(key: str, entry: dict[str, Any]) -> Component:
    old = _OLD.match(key)
    name, version = (old[1], old[2]) if old else split(key.partition("(")[0].removeprefix("/"))
    name, version = text_at(entry, "name") or name, text_at(entry, "version") or version
    return published(name, version, text_at(table_at(entry, "resolution"), "integrity"))


def _targets(entry: dict[str, Any], kinds: tuple[str, ...], made: dict[str, Component]) -> Iterator[str]:
    """Keys of what an entry asks for: its version alone, its whole key, or an alias."""
    for kind in kinds:
        wanted = table_at(entry, kind)
        for name, value in wanted.items():
            version = text_at(value, "version") if isinstance(value, dict) else str(value)
            for key in (f"{name}@{version}", f"/{name}@{version}", f"/{name}/{version}", version):
                if key in made:
                    yield key
                    break


PART = LockFile(
    title=t("Lock file of pnpm"),
    names=("pnpm-lock.yaml",),
    read=_read,
    reference="https://github.com/pnpm/spec/tree/master/lockfile",
)
