"""What ``mvn dependency:list`` or ``dependency:tree`` printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from plumbline.artifacts.sbom.lockfile import Locked, LockError, LockFile, incomplete, merged, package
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.model.report import Component

_LINE = re.compile(r"(?:\[INFO\]\s?)?(?P<tree>[ |+\\-]*)(?P<what>[^\s:]+(?::[^\s:]+){3,5})(?:\s.*)?\Z")
_SCOPES = ("compile", "runtime", "provided", "test", "system", "import")
_RUNS = {"compile": "required", "runtime": "required", "test": "excluded", "provided": "excluded"}
_STEP = 3  # characters for each level of the tree


def _read(text: str, _beside: Mapping[str, str]) -> Locked:
    subject: Component | None = None
    found: list[Component] = []
    above: list[str] = []  # refs from the project down to the line before
    needs: dict[str, set[str]] = {}
    direct: list[str] = []
    for line in text.splitlines():
        parts = _LINE.match(line.rstrip())
        if parts is None:
            continue
        one = _component(parts["what"])
        if one is None:
            continue
        tree = bool(re.search(r"[+\\|]", parts["tree"]))
        depth = len(parts["tree"]) // _STEP if tree else 0
        if not tree and parts["what"].rpartition(":")[2] not in _SCOPES:
            subject, above = subject or one, [one.ref]
            continue
        if tree and 0 < depth <= len(above):
            needs.setdefault(above[depth - 1], set()).add(one.ref)
            above = [*above[:depth], one.ref]
            if depth == 1:
                direct.append(one.ref)
        found.append(one)
    if not found and subject is None:
        raise LockError("no-mark", t("There is no line of the form GROUP:NAME:TYPE:VERSION:SCOPE."))
    components = [
        msgspec.structs.replace(one, depends_on=tuple(sorted(needs.get(one.ref, set()) - {one.ref}))) for one in found
    ]
    return Locked(
        components=merged(components),
        subject=subject,
        direct=tuple(sorted(set(direct))) if needs else None,
        **incomplete("printed", t("It is what Maven printed; what was filtered out of it cannot be seen.")),
    )


def _component(text: str) -> Component | None:
    """``group:name:type[:classifier]:version[:scope]``."""
    parts = text.split(":")
    scope = parts.pop() if parts[-1] in _SCOPES else ""
    if len(parts) not in (4, 5):
        return None
    group, name, kind, *classifier, version = parts
    qualifiers = {"type": kind} if kind != "jar" else {}
    if classifier:
        qualifiers["classifier"] = classifier[0]
    return package("maven", name, version, group=group, qualifiers=qualifiers, scope=_RUNS.get(scope, ""))


PART = LockFile(
    title=t("Printed dependencies of Maven"),
    names=("*dependency-tree*.txt", "*dependency-list*.txt", "dependencies.txt"),
    read=_read,
    covers=("pom.xml",),
    reference="https://maven.apache.org/plugins/maven-dependency-plugin/",
)
