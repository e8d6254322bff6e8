"""SPDX 2: packages and relationships of its JSON, and its tag-value text as the same document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.model.report import Component
from plumbline.reports.values import listed, mapped, maps, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEPENDS = frozenset(("DEPENDS_ON", "CONTAINS", "STATIC_LINK", "DYNAMIC_LINK"))
_DEPENDED_ON = frozenset(
    (
        "DEPENDENCY_OF", "BUILD_DEPENDENCY_OF", "DEV_DEPENDENCY_OF", "OPTIONAL_DEPENDENCY_OF", "PROVIDED_DEPENDENCY_OF",
        "RUNTIME_DEPENDENCY_OF", "TEST_DEPENDENCY_OF", "CONTAINED_BY",
    )
)  # fmt: skip
_NOTHING = frozenset(("NOASSERTION", "NONE", ""))


def components_of(document: dict[str, Any]) -> list[Component]:
    depends_on = _depends_on(document)
    return [_component(package, depends_on) for package in maps(document.get("packages"))]


def described(document: dict[str, Any]) -> frozenset[str]:
    """What the document is about."""
    found = set(texts(document.get("documentDescribes")))
    own = text(document.get("SPDXID"), 400) or "SPDXRef-DOCUMENT"
    for one, kind, other in _relationships(document):
        if kind == "DESCRIBES" and one == own:
            found.add(other)
        elif kind == "DESCRIBED_BY" and other == own:
            found.add(one)
    return frozenset(found)


def _relationships(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for entry in maps(document.get("relationships")):
        yield (
            text(entry.get("spdxElementId"), 400),
            text(entry.get("relationshipType"), 60).upper(),
            text(entry.get("relatedSpdxElement"), 400),
        )


def _depends_on(document: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for one, kind, other in _relationships(document):
        if kind in _DEPENDED_ON:
            one, other = other, one
        elif kind not in _DEPENDS:
            continue
        if other not in _NOTHING:
            found.setdefault(one, {})[other] = None
    return {ref: tuple(targets) for ref, targets in found.items()}


def _component(package: dict[str, Any], depends_on: dict[str, tuple[str, ...]]) -> Component:
    ref = text(package.get("SPDXID"), 400)
    said = (text(package.get(key), 400) for key in ("licenseConcluded", "licenseDeclared"))
    version = text(package.get("versionInfo"), 400)
    return Component(
        name=text(package.get("name"), 1000),
        version="" if version in _NOTHING else version,
        purl=_purl(package),
        kind=text(package.get("primaryPackagePurpose"), 60).lower() or "library",
        licences=tuple(dict.fromkeys(licence for licence in said if licence not in _NOTHING)),
        digests=tuple(
            f"{text(each.get('algorithm'), 40).lower().replace('-', '')}:{text(each.get('checksumValue'), 200).lower()}"
            for each in maps(package.get("checksums"))
        ),
        ref=ref,
        depends_on=depends_on.get(ref, ()),
    )


def _purl(package: dict[str, Any]) -> str:
    for entry in maps(package.get("externalRefs")):
        if text(entry.get("referenceType")).rpartition("/")[2] == "purl":
            return text(entry.get("referenceLocator"), 2000)
    return ""


_OF_DOCUMENT = {"SPDXVersion": "spdxVersion", "DocumentName": "name", "DocumentNamespace": "documentNamespace"}
_OF_PACKAGE = {
    "SPDXID": "SPDXID",
    "PackageVersion": "versionInfo",
    "PackageLicenseConcluded": "licenseConcluded",
    "PackageLicenseDeclared": "licenseDeclared",
    "PrimaryPackagePurpose": "primaryPackagePurpose",
}


def document_of(lines: str) -> dict[str, Any]:
    """The document that a tag-value text is, as far as packages and relationships go."""
    document: dict[str, Any] = {"packages": [], "relationships": [], "creationInfo": {"creators": []}}
    part: dict[str, Any] = document
    for tag, value in _tags(lines):
        if tag == "PackageName":
            part = {"name": value, "externalRefs": [], "checksums": []}
            document["packages"].append(part)
        elif tag in ("FileName", "SnippetSPDXID", "LicenseID"):
            part = {}  # what follows is of a file, a part of one, or a licence
        elif tag == "Relationship":
            _relationship(document, value)
        elif tag in ("Creator", "Created"):
            _creation(mapped(document["creationInfo"]), tag, value)
        elif part is document and tag in _OF_DOCUMENT:
            document[_OF_DOCUMENT[tag]] = value
        elif tag == "SPDXID" or (part is not document and tag in _OF_PACKAGE):
            part[_OF_PACKAGE[tag]] = value
        elif tag == "ExternalRef" and len(value.split()) >= 3 and "externalRefs" in part:
            _, kind, locator = value.split()[:3]
            part["externalRefs"].append({"referenceType": kind, "referenceLocator": locator})
        elif tag == "PackageChecksum" and "checksums" in part:
            algorithm, _, digest = value.partition(":")
            part["checksums"].append({"algorithm": algorithm, "checksumValue": digest.strip()})
    return document


def _relationship(document: dict[str, Any], value: str) -> None:
    words = value.split()
    if len(words) == 3:
        entry = dict(zip(("spdxElementId", "relationshipType", "relatedSpdxElement"), words, strict=True))
        listed(document["relationships"]).append(entry)


def _creation(creation: dict[str, Any], tag: str, value: str) -> None:
    if tag == "Created":
        creation["created"] = value
    else:
        listed(creation["creators"]).append(value)


def _tags(lines: str) -> Iterator[tuple[str, str]]:
    """Tags with their values; one between ``<text>`` and ``</text>`` goes over lines and is left out."""
    inside = False
    for line in lines.splitlines():
        if inside:
            inside = "</text>" not in line
            continue
        tag, colon, value = line.partition(":")
        if "<text>" in value:
            inside = "</text>" not in value
        elif colon and not tag.startswith("#") and tag.strip().isalnum():
            yield tag.strip(), value.strip()
