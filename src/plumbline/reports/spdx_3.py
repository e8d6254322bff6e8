"""SPDX 3 JSON-LD: packages, relationships and licences of its graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.model.report import Component
from plumbline.reports.values import at, mapped, maps, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEPENDS = frozenset(("dependsOn", "contains", "hasStaticLink", "hasDynamicLink", "hasOptionalDependency"))
_PACKAGES = frozenset(("Package", "AIPackage", "DatasetPackage"))
_LICENCES = frozenset(("hasDeclaredLicense", "hasConcludedLicense"))


class Graph:
    """The elements of a document by their identifiers."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.elements = list(maps(document.get("@graph")))
        self._by_id = {_id(element): element for element in self.elements if _id(element)}
        self._depends_on: dict[str, list[str]] = {}
        self._licences: dict[str, list[str]] = {}
        for one, kind, targets in self._relationships():
            if kind in _DEPENDS:
                self._depends_on.setdefault(one, []).extend(targets)
            elif kind in _LICENCES:
                self._licences.setdefault(one, []).extend(targets)

    def components(self) -> list[Component]:
        packages = (each for each in self.elements if _type(each) in _PACKAGES)
        return [self._component(package) for package in packages]

    def described(self) -> frozenset[str]:
        """What the document, or the bill in it, has as its root."""
        roots = (each for each in self.elements if _type(each) in ("SpdxDocument", "Sbom", "Bom"))
        return frozenset(name for root in roots for name in texts(root.get("rootElement")))

    def document(self) -> dict[str, Any]:
        return next((each for each in self.elements if _type(each) == "SpdxDocument"), {})

    def creation(self) -> dict[str, Any]:
        return next((each for each in self.elements if _type(each) == "CreationInfo"), {})

    def tool(self) -> str:
        """The name of the first tool that the creation names."""
        for name in texts(self.creation().get("createdUsing")):
            return text(at(self._by_id.get(name, {}), "name"), 200)
        return ""

    def _relationships(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        for element in self.elements:
            if _type(element).endswith("Relationship"):
                yield (
                    text(element.get("from"), 1000),
                    text(element.get("relationshipType"), 60),
                    texts(element.get("to")),
                )

    def _component(self, package: dict[str, Any]) -> Component:
        name = _id(package)
        return Component(
            name=text(package.get("name"), 1000),
            version=text(_own(package, "packageVersion"), 400),
            purl=self._purl(package),
            kind=text(_own(package, "primaryPurpose"), 60) or "library",
            licences=tuple(dict.fromkeys(filter(None, map(self._licence, self._licences.get(name, ()))))),
            digests=tuple(
                f"{text(each.get('algorithm'), 40).lower()}:{text(each.get('hashValue'), 200).lower()}"
                for each in maps(package.get("verifiedUsing"))
            ),
            ref=name,
            depends_on=tuple(dict.fromkeys(self._depends_on.get(name, ()))),
        )

    def _purl(self, package: dict[str, Any]) -> str:
        direct = text(_own(package, "packageUrl"), 2000)
        if direct:
            return direct
        for entry in maps(package.get("externalIdentifier")):
            if entry.get("externalIdentifierType") == "packageUrl":
                return text(entry.get("identifier"), 2000)
        return ""

    def _licence(self, name: str) -> str:
        element = mapped(self._by_id.get(name))
        said = text(element.get("simplelicensing_licenseExpression"), 400) or text(element.get("name"), 400)
        return said or name.rpartition("/")[2]


def _id(element: dict[str, Any]) -> str:
    return text(element.get("spdxId"), 1000) or text(element.get("@id"), 1000)


def _type(element: dict[str, Any]) -> str:
    """Without the name of its profile."""
    said = text(element.get("type"), 200) or text(element.get("@type"), 200)
    return said.rpartition("/")[2].rpartition("_")[2]


def _own(package: dict[str, Any], name: str) -> Any:
    return package.get(f"software_{name}", package.get(name))
