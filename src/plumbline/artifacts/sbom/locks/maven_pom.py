"""``pom.xml``: what a project asks for. What that needs in turn, Maven alone finds out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.artifacts.sbom.lockfile import Locked, LockError, LockFile, merged, package
from plumbline.artifacts.sbom.markup import read_markup, text_of
from plumbline.kernel import t
from plumbline.model.report import Defect

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree.ElementTree import Element

_VARIABLE = re.compile(r"\$\{([^{}]+)\}")
_SCOPES = {"": "required", "compile": "required", "runtime": "required", "test": "excluded", "provided": "excluded"}


def _read(text: str, _beside: Mapping[str, str]) -> Locked:
    root = read_markup(text)
    if root.tag != "project":
        raise LockError("no-mark", t("Its root element is not 'project'."))
    values = _values(root)
    managed = {_name(one, values): _expanded(text_of(one, "version"), values)
               for one in root.iterfind("dependencyManagement/dependencies/dependency")}  # fmt: skip
    defects = [Defect("not-all-named", t("A pom.xml does not say what its dependencies need in turn."))]
    found = []
    for one in root.iterfind("dependencies/dependency"):
        group, name = _name(one, values)
        version = _expanded(text_of(one, "version"), values) or managed.get((group, name), "")
        if not version or version[0] in "[(" or "$" in version:
            defects.append(Defect("not-pinned", t("This names no single version."), f"{group}:{name}"))
            version = ""
        scope = _SCOPES.get(text_of(one, "scope"), "")
        scope = "optional" if text_of(one, "optional") == "true" and scope == "required" else scope
        found.append(package("maven", name, version, group=group, scope=scope))
    components = merged(found)
    name, group = _expanded(text_of(root, "artifactId"), values), values.get("project.groupId", "")
    return Locked(
        components=components,
        subject=package("maven", name, values.get("project.version", ""), group=group) if name and group else None,
        direct=tuple(one.ref for one in components),
        complete=False,
        defects=tuple(defects),
    )


def _values(root: Element) -> dict[str, str]:
    properties = root.find("properties")
    values = {one.tag: (one.text or "").strip() for one in (properties if properties is not None else ())}
    for name in ("groupId", "version"):
        values[f"project.{name}"] = text_of(root, name) or text_of(root, f"parent/{name}")
        values[f"project.parent.{name}"] = text_of(root, f"parent/{name}")
    return values


def _expanded(text: str, values: Mapping[str, str]) -> str:
    """Values may name others; those that name each other stay as they are."""
    for _ in range(10):
        if "${" not in text or len(text) > 1000:
            break
        text = _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)
    return text


def _name(element: Element, values: Mapping[str, str]) -> tuple[str, str]:
    return _expanded(text_of(element, "groupId"), values), _expanded(text_of(element, "artifactId"), values)


PART = LockFile(
    title=t("Project file of Maven"),
    names=("pom.xml",),
    read=_read,
    reference="https://maven.apache.org/pom.html",
)
