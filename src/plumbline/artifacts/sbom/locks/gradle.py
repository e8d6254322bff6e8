"""``gradle.lockfile``: each module with the configurations that it was resolved for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.artifacts.sbom.lockfile import Locked, LockError, LockFile, merged, package
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINE = re.compile(r"([^\s:=]+):([^\s:=]+):([^\s:=]+)=(\S*)\Z")
_BESIDE = re.compile(r"test|annotationProcessor|checkstyle|pmd|spotbugs|jacoco|kapt|ksp", re.IGNORECASE)
_RUNS = re.compile(r"(?:^|[a-z])runtimeClasspath\Z|\A(?:runtime|compile)Classpath\Z", re.IGNORECASE)


def _read(text: str, _beside: Mapping[str, str]) -> Locked:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        plain = line.strip()
        if not plain or plain.startswith(("#", "empty=")):
            continue
        parts = _LINE.match(plain)
        if parts is None:
            raise LockError("malformed", t("Line {line} is not GROUP:NAME:VERSION=CONFIGURATIONS.", line=number))
        found.append(package("maven", parts[2], parts[3], group=parts[1], scope=_scope(parts[4])))
    return Locked(components=merged(found))


def _scope(configurations: str) -> str:
    names = configurations.split(",")
    if all(_BESIDE.search(name) for name in names):
        return "excluded"
    return "required" if any(_RUNS.search(name) and not _BESIDE.search(name) for name in names) else ""


PART = LockFile(
    title=t("Lock file of Gradle"),
    names=("gradle.lockfile", "buildscript-gradle.lockfile"),
    read=_read,
    reference="https://docs.gradle.org/current/userguide/dependency_locking.html",
)
