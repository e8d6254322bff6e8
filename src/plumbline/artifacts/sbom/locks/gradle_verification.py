"""``gradle/verification-metadata.xml``: all that a build may fetch, with digests; plugins and old versions too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.artifacts.sbom.digests import from_hex
from plumbline.artifacts.sbom.lockfile import Locked, LockError, LockFile, file_digests, incomplete, merged, package
from plumbline.artifacts.sbom.markup import read_markup
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree.ElementTree import Element

    from plumbline.model.report import Component

_STRONG = ("sha256", "sha512")


def _read(text: str, _beside: Mapping[str, str]) -> Locked:
    root = read_markup(text)
    if root.tag != "verification-metadata":
        raise LockError("no-mark", t("Its root element is not 'verification-metadata'."))
    return Locked(
        components=merged(_component(one) for one in root.iterfind("components/component")),
        **incomplete(
            "allowed-not-used", t("It says what a build may use. What one does use stands in gradle.lockfile.")
        ),
    )


def _component(element: Element) -> Component:
    name, version = element.get("name", ""), element.get("version", "")
    jars = [one for one in element.iterfind("artifact") if one.get("name", "").endswith((".jar", ".aar"))]
    digests = [from_hex(f"{kind}:{one.get('value', '')}") for jar in jars for kind in _STRONG for one in jar.iter(kind)]
    return package("maven", name, version, group=element.get("group", ""), **file_digests(filter(None, digests)))


PART = LockFile(
    title=t("Digests that Gradle verifies"),
    names=("verification-metadata.xml",),
    read=_read,
    reference="https://docs.gradle.org/current/userguide/dependency_verification.html",
)
