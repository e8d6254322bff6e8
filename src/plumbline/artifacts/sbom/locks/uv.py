"""``uv.lock``, which has the project's own packages and what each of them asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.artifacts.sbom.lockfile import Locked, LockFile, merged, scoped
from plumbline.artifacts.sbom.pypi import digests_of, normal, pinned
from plumbline.artifacts.sbom.shapes import as_toml, table_at, tables_at, text_at
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

_OWN = ("editable", "virtual", "directory")  # kinds of source that are folders of the same project


def _read(text: str, _beside: Mapping[str, str]) -> Locked:
    entries = [(one, _component(one)) for one in tables_at(as_toml(text), "package")]
    refs: dict[str, dict[str, str]] = {}
    for _, made in entries:
        refs.setdefault(made.name, {})[made.version] = made.ref

    def find(wanted: Iterable[dict[str, Any]]) -> set[str]:
        found = set[str]()
        for one in wanted:
            there = refs.get(normal(text_at(one, "name")), {})
            version = text_at(one, "version")
            found |= {there[version]} if version in there else set(there.values())
        return found

    own, others = [], []
    runs, beside = set[str](), set[str]()
    for entry, made in entries:
        needs = find(tables_at(entry, "dependencies"))
        extras = find(_grouped(entry, "optional-dependencies"))
        if any(name in table_at(entry, "source") for name in _OWN):
            own.append(made)
            runs |= needs | extras
            beside |= find(_grouped(entry, "dev-dependencies"))
        else:
            others.append(msgspec.structs.replace(made, depends_on=tuple(sorted((needs | extras) - {made.ref}))))
    ours = {made.ref for made in own}
    components = merged(scoped(others, runs - ours, beside - ours))
    return Locked(
        components=components,
        subject=own[0] if len(own) == 1 else None,
        direct=tuple(sorted((runs | beside) - ours)) if own else None,
    )


def _component(entry: dict[str, Any]) -> Any:
    return pinned(text_at(entry, "name"), text_at(entry, "version"), digests_of(entry))


def _grouped(entry: dict[str, Any], name: str) -> Iterable[dict[str, Any]]:
    groups = table_at(entry, name)
    return [one for group in groups for one in tables_at(groups, group)]


PART = LockFile(
    title=t("Lock file of uv"),
    names=("uv.lock",),
    read=_read,
    reference="https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile",
)
