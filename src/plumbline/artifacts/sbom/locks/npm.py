"""``package-lock.json`` and ``npm-shrinkwrap.json``, versions 1 to 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.artifacts.sbom.lockfile import Locked, LockError, LockFile, merged
from plumbline.artifacts.sbom.npm import published
from plumbline.artifacts.sbom.shapes import as_json, table_at, text_at
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from plumbline.model.report import Component

_FOLDER = "node_modules/"
_DEEPEST = 100  # folders of modules within each other
_ASKED = ("dependencies", "optionalDependencies", "peerDependencies")
_ASKED_OF_PROJECT = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def _read(text: str, _beside: Mapping[str, str]) -> Locked:
    document = as_json(text)
    if isinstance(document.get("packages"), dict):
        return _by_folder(document)
    if "lockfileVersion" not in document and "dependencies" not in document:
        raise LockError("no-mark", t("It has neither 'packages' nor 'dependencies'."))
    return _nested(document)


def _by_folder(document: dict[str, Any]) -> Locked:
    """Versions 2 and 3: each package under the folder that it is installed in."""
    folders = table_at(document, "packages")
    made = {path: _component(path, table_at(folders, path)) for path in folders if _FOLDER in path}
    installed = {path: one for path, one in made.items() if one is not None}

    def find(path: str, names: tuple[str, ...]) -> tuple[str, ...]:
        entry, found = table_at(folders, path), set[str]()
        for name in {name for kind in names for name in table_at(entry, kind)}:
            place = _resolve(path, name, folders)
            if place in installed:
                found.add(installed[place].ref)
        return tuple(sorted(found))

    components = []
    for path, one in installed.items():
        components.append(msgspec.structs.replace(one, depends_on=tuple(r for r in find(path, _ASKED) if r != one.ref)))
    own = [path for path in folders if _FOLDER not in path]
    direct = {ref for path in own for ref in find(path, _ASKED_OF_PROJECT)}
    root = table_at(folders, "")
    return Locked(
        components=merged(components),
        subject=_subject(text_at(root, "name") or text_at(document, "name"), text_at(root, "version")),
        direct=tuple(sorted(direct)) if own else None,
    )


def _component(path: str, entry: dict[str, Any]) -> Component | None:
    """None: a link to a package of the same repository."""
    if entry.get("link") is True:
        return None
    name = text_at(entry, "name") or path.rpartition(_FOLDER)[2]
    return published(name, text_at(entry, "version"), text_at(entry, "integrity"), scope=_scope(entry))


def _resolve(path: str, name: str, folders: Mapping[str, Any]) -> str:
    """As Node finds it: in the folder itself, then in each one above it."""
    while True:
        place = f"{path}/{_FOLDER}{name}" if path else _FOLDER + name
        if place in folders or not path:
            return place
        path = path.rpartition(_FOLDER)[0].rstrip("/") if _FOLDER in path else path.rpartition("/")[0]


def _nested(document: dict[str, Any]) -> Locked:
    """Version 1: modules within modules. What a module requires is the nearest one above it."""
    components: list[Component] = []
    top: dict[str, str] = {}
    waiting: list[tuple[dict[str, Any], tuple[dict[str, str], ...], int]] = [(document, (), 0)]
    while waiting:
        level, above, depth = waiting.pop()
        if depth > _DEEPEST:
            raise LockError("too-deep", t("Its packages are nested more than {most} levels deep.", most=_DEEPEST))
        entries = table_at(level, "dependencies")
        made = {name: _old_component(name, table_at(entries, name)) for name in entries}
        here = {name: one.ref for name, one in made.items()}
        top = top or here
        seen = (*above, here)
        for name, one in made.items():
            entry = table_at(entries, name)
            inside = {each: _old_component(each, table_at(entry["dependencies"], each)).ref
                      for each in table_at(entry, "dependencies")}  # fmt: skip
            needs = {ref for each in table_at(entry, "requires") if (ref := _nearest(each, (*seen, inside)))}
            components.append(msgspec.structs.replace(one, depends_on=tuple(sorted(needs - {one.ref}))))
            if inside:
                waiting.append((entry, seen, depth + 1))
    return Locked(
        components=merged(components), subject=_subject(text_at(document, "name"), text_at(document, "version"))
    )


def _old_component(name: str, entry: dict[str, Any]) -> Component:
    version = text_at(entry, "version")
    if version.startswith("npm:"):
        name, _, version = version.removeprefix("npm:").rpartition("@")
    return published(name, version, text_at(entry, "integrity"), scope=_scope(entry))


def _nearest(name: str, levels: tuple[dict[str, str], ...]) -> str:
    return next((level[name] for level in reversed(levels) if name in level), "")


def _scope(entry: dict[str, Any]) -> str:
    if entry.get("dev") is True or entry.get("devOptional") is True:
        return "excluded" if entry.get("dev") is True else "optional"
    return "optional" if entry.get("optional") is True else "required"


def _subject(name: str, version: str) -> Component | None:
    return published(name, version) if name else None


PART = LockFile(
    title=t("Lock file of npm"),
    names=("package-lock.json", "npm-shrinkwrap.json"),
    read=_read,
    reference="https://docs.npmjs.com/cli/configuring-npm/package-lock-json",
)
