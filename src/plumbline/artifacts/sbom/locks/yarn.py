"""``yarn.lock`` of Yarn 1 and of the later ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from plumbline.artifacts.sbom.indented import read_indented, unquoted
from plumbline.artifacts.sbom.lockfile import Locked, LockError, LockFile, merged, scoped
from plumbline.artifacts.sbom.npm import published, split
from plumbline.artifacts.sbom.shapes import as_json, table_at, text_at
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from plumbline.model.report import Component

_FIRST = re.compile(r"^# yarn lockfile v1\s*$", re.MULTILINE)
_PAIR = re.compile(r'^( +)("[^"]*"|[^\s":]+) +(\S.*)$', re.MULTILINE)
_WISHES = re.compile(r"^([^\s#].*):$", re.MULTILINE)
_RUNS = ("dependencies", "optionalDependencies", "peerDependencies")


def _read(text: str, beside: Mapping[str, str]) -> Locked:
    first = bool(_FIRST.search(text))
    document = read_indented(_as_later(text) if first else text)
    if not first and not table_at(document, "__metadata"):
        raise LockError("no-mark", t("Neither Yarn 1 nor a later Yarn wrote this."))
    by_wish: dict[str, Component] = {}
    own: list[dict[str, Any]] = []
    entries: list[tuple[Component, dict[str, Any]]] = []
    for key in document:
        entry = table_at(document, key)
        if key == "__metadata" or not entry:
            continue
        wishes = [unquoted(wish.strip()) for wish in key.split(",")]
        if text_at(entry, "linkType") == "soft":
            own.append(entry)
            continue
        one = _component(wishes[0], entry)
        entries.append((one, entry))
        by_wish |= dict.fromkeys(wishes, one)

    def find(entry: dict[str, Any], kinds: Iterable[str]) -> set[str]:
        return {by_wish[wish].ref for wish in _wishes(entry, kinds) if wish in by_wish}

    components = merged(
        msgspec.structs.replace(one, depends_on=tuple(sorted(find(entry, _RUNS) - {one.ref}))) for one, entry in entries
    )
    project = as_json(beside["package.json"]) if "package.json" in beside else None
    if first and project is not None:
        runs, dev = find(project, _RUNS), find(project, ("devDependencies",))
        subject = published(text_at(project, "name"), text_at(project, "version")) if text_at(project, "name") else None
        return Locked(components=scoped(components, runs, dev), subject=subject, direct=tuple(sorted(runs | dev)))
    asked = {ref for entry in own for ref in find(entry, _RUNS)}  # what developers need is not told apart
    return Locked(components=components, direct=tuple(sorted(asked)) if own else None)


def _as_later(text: str) -> str:
    """Yarn 1 has no colon between a name and its value, and puts each wish into quotes of its own."""
    quoted = _WISHES.sub(lambda found: '"' + found[1].replace('"', "") + '":', text)
    return _PAIR.sub(r"\1\2: \3", quoted)


def _component(wish: str, entry: dict[str, Any]) -> Component:
    name, version = split(text_at(entry, "resolution") or wish)
    if version.startswith("npm:") and not text_at(entry, "resolution"):
        name = split(version.removeprefix("npm:"))[0] or name
    return published(name, text_at(entry, "version"), text_at(entry, "integrity"))


def _wishes(entry: dict[str, Any], kinds: Iterable[str]) -> Iterator[str]:
    for kind in kinds:
        wanted = table_at(entry, kind)
        for name in wanted:
            value = text_at(wanted, name)
            yield f"{name}@{value}"
            yield f"{name}@npm:{value}"


PART = LockFile(
    title=t("Lock file of Yarn"),
    names=("yarn.lock",),
    read=_read,
    beside=("package.json",),
    reference="https://yarnpkg.com/configuration/manifest",
)
