"""Bills of materials, statements and judgements: what is read, and what is wrong in them."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from plumbline.model.report import Advisories, Attested, Component, Components, Report, Unreadable
from plumbline.reports import purls
from plumbline.reports.findings.vex import judgements_of
from plumbline.reports.parser import Source
from plumbline.reports.reading import read


def report(document: Any) -> Report:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    found = read(Source(name="x", data=data))
    assert isinstance(found, Report), found
    return found


def bill(document: Any) -> Components:
    content = report(document).content
    assert isinstance(content, Components)
    return content


def codes(document: Any) -> list[str]:
    return [defect.code for defect in report(document).defects]


# CycloneDX


def cyclonedx(*components: Any, **more: Any) -> dict[str, Any]:
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": list(components), **more}


def part(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "library", "name": name, "version": "1", "bom-ref": name, **more}


LICENCES = [
    ([{"license": {"id": "MIT"}}], ("MIT",)),
    ([{"license": {"name": "Our own"}}, {"license": {"id": "MIT"}}], ("Our own", "MIT")),
    ([{"expression": "MIT OR Apache-2.0"}], ("MIT OR Apache-2.0",)),
    ([{"license": "MIT"}], ("MIT",)),
    (["MIT"], ("MIT",)),
    ({"license": {"id": "MIT"}}, ("MIT",)),
    ("MIT", ("MIT",)),
    (None, ()),
    ([None, 7, {}], ("7",)),
]


@pytest.mark.parametrize(("given", "licences"), LICENCES)
def test_licences_in_all_their_shapes(given: Any, licences: tuple[str, ...]) -> None:
    assert bill(cyclonedx(part("a", licenses=given))).components[0].licences == licences


def test_components_in_components_and_in_the_subject_are_counted() -> None:
    inner = part("b", components=[part("c")])
    document = cyclonedx(part("a", components=[inner]), metadata={"component": part("app", components=[part("d")])})
    found = bill(document)
    assert [each.name for each in found.components] == ["d", "a", "b", "c"]
    assert found.subject is not None
    assert found.subject.name == "app"


def test_xml_is_the_same_as_json() -> None:
    data = b"""<bom xmlns="http://cyclonedx.org/schema/bom/1.6" serialNumber="urn:uuid:1"><metadata>
        <timestamp>2026-01-01T00:00:00Z</timestamp><tools><components><component><name>syft</name><version>1</version>
        </component></components></tools><component bom-ref="app"><name>app</name><version>1</version></component>
        </metadata><components><component type="library" bom-ref="a"><group>g</group><name>a</name><version>1</version>
        <hashes><hash alg="SHA-256">AB</hash></hashes><licenses><license><id>MIT</id></license></licenses>
        <purl>pkg:npm/g/a@1</purl><pedigree><ancestors><component><name>old</name></component></ancestors></pedigree>
        </component></components><dependencies><dependency ref="app"><dependency ref="a"/></dependency></dependencies>
        </bom>"""
    found = report(data)
    content = found.content
    assert isinstance(content, Components)
    assert content.components == (
        Component(name="g/a", version="1", purl="pkg:npm/g/a@1", licences=("MIT",), digests=("sha256:ab",), ref="a"),
    )
    assert content.subject is not None
    assert (content.subject.depends_on, content.serial, found.tool) == (("a",), "urn:uuid:1", "syft")
    assert found.strict


WRONG: dict[str, tuple[dict[str, Any], list[str], bool]] = {
    "a circle": (
        cyclonedx(
            part("a"),
            part("b"),
            dependencies=[{"ref": "a", "dependsOn": ["b"]}, {"ref": "b", "dependsOn": ["a"]}],
        ),
        ["cycle"],
        True,
    ),
    "itself": (cyclonedx(part("a"), dependencies=[{"ref": "a", "dependsOn": ["a"]}]), ["cycle"], True),
    "two versions": (cyclonedx(part("a", purl="pkg:npm/x@1@2")), ["two-versions"], False),
    "a scope that is not encoded": (cyclonedx(part("a", purl="pkg:npm/@x/y@1")), ["two-versions"], False),
    "no package URL": (cyclonedx(part("a", purl="npm/x")), ["no-purl"], False),
    "no version": (cyclonedx(part("a", version="")), ["no-version"], True),
    "a file needs none": (cyclonedx(part("a", version="", type="file")), [], True),
    "the same twice": (cyclonedx(part("a"), part("a")), ["duplicate-id"], False),
    "depends on what is not there": (
        cyclonedx(part("a"), dependencies=[{"ref": "a", "dependsOn": ["x"]}]),
        ["unknown-ref"],
        False,
    ),
    "no name": (cyclonedx({"type": "library", "version": "1"}), ["no-name"], False),
    "an unknown version": ({**cyclonedx(part("a")), "specVersion": "9.9"}, ["unknown-version"], False),
    "vulnerabilities beside": (cyclonedx(part("a"), vulnerabilities=[{"id": "CVE-2024-1"}]), ["not-read"], True),
}


@pytest.mark.parametrize(("document", "wrong", "strict"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_in_a_bill(document: Any, wrong: list[str], strict: bool) -> None:
    found = report(document)
    assert [defect.code for defect in found.defects] == wrong
    assert found.strict is strict


def test_vulnerabilities_alone_are_judgements() -> None:
    vulnerability = {
        "id": "CVE-2024-0001",
        "analysis": {"state": "false_positive", "detail": "not built in"},
        "affects": [{"ref": "urn:cdx:1/1#pkg:npm/x@1"}, {"ref": "other"}],
    }
    content = report(cyclonedx(vulnerabilities=[vulnerability])).content
    assert isinstance(content, Advisories)
    assert [(each.product, each.status) for each in content.judgements] == [
        ("pkg:npm/x@1", "not_affected"),
        ("other", "not_affected"),
    ]


def test_fifty_thousand_components_in_a_chain() -> None:
    """No walk along the dependencies goes as deep as the chain is long."""
    count = 50_000
    chain = [{"ref": str(n), "dependsOn": [str(n + 1)]} for n in range(count - 1)]
    found = report(cyclonedx(*[part(str(n), purl=f"pkg:npm/p{n}@1") for n in range(count)], dependencies=chain))
    assert len(found.content.components) == count  # type: ignore[union-attr]
    assert found.strict


PURLS = [
    ("pkg:npm/x@1", "", "pkg:npm/x"),
    ("pkg:npm/%40a/x@1?os=linux#sub/dir", "", "pkg:npm/%40a/x"),
    ("pkg:NPM/x@1", "", "pkg:npm/x"),
    ("pkg://npm/x@1", "", "pkg:npm/x"),
    ("pkg:npm/x", "", "pkg:npm/x"),
    ("pkg:npm/@a/x", "", "pkg:npm/@a/x"),
    ("pkg:npm/x@1@2", "two-versions", "pkg:npm/x@1"),
    ("pkg:oci/x@sha256:00?repository_url=a@b", "", "pkg:oci/x"),
    ("pkg:npm", "no-purl", "pkg:npm"),
    ("", "no-purl", ""),
]


@pytest.mark.parametrize(("purl", "wrong", "bare"), PURLS)
def test_package_urls(purl: str, wrong: str, bare: str) -> None:
    assert purls.fault(purl) == wrong
    assert purls.without_version(purl) == bare


# SPDX

SPDX = {
    "spdxVersion": "SPDX-2.3",
    "SPDXID": "SPDXRef-DOCUMENT",
    "documentNamespace": "https://x.example/1",
    "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Organization: X", "Tool: syft-1.18.1"]},
    "packages": [
        {"SPDXID": "SPDXRef-app", "name": "app", "versionInfo": "1"},
        {
            "SPDXID": "SPDXRef-a",
            "name": "a",
            "versionInfo": "1",
            "licenseConcluded": "NOASSERTION",
            "licenseDeclared": "MIT",
            "checksums": [{"algorithm": "SHA256", "checksumValue": "AB"}],
            "externalRefs": [
                {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:x"},
                {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/a@1"},
            ],
        },
    ],
    "relationships": [
        {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-app"},
        {"spdxElementId": "SPDXRef-a", "relationshipType": "DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-app"},
    ],
}
TAGGED = b"""SPDXVersion: SPDX-2.3
SPDXID: SPDXRef-DOCUMENT
DocumentNamespace: https://x.example/1
Creator: Organization: X
Creator: Tool: syft-1.18.1
Created: 2026-01-01T00:00:00Z

PackageName: app
SPDXID: SPDXRef-app
PackageVersion: 1

##### a comment
PackageName: a
SPDXID: SPDXRef-a
PackageVersion: 1
PackageLicenseConcluded: NOASSERTION
PackageLicenseDeclared: MIT
PackageComment: <text>several lines
PackageName: of text</text>
PackageChecksum: SHA256: AB
ExternalRef: SECURITY cpe23Type cpe:2.3:a:x
ExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1

FileName: ./x
SPDXID: SPDXRef-x

Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-app
Relationship: SPDXRef-a DEPENDENCY_OF SPDXRef-app
"""
THIRD = {
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
        {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-01-01T00:00:00Z"},
        {"type": "SpdxDocument", "spdxId": "https://x.example/1", "rootElement": ["app"]},
        {"type": "software_Package", "spdxId": "app", "name": "app", "software_packageVersion": "1"},
        {
            "type": "software_Package",
            "spdxId": "a",
            "name": "a",
            "software_packageVersion": "1",
            "software_packageUrl": "pkg:npm/a@1",
            "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": "AB"}],
        },
        {"type": "simplelicensing_LicenseExpression", "spdxId": "l", "simplelicensing_licenseExpression": "MIT"},
        {"type": "Relationship", "spdxId": "r1", "from": "app", "relationshipType": "dependsOn", "to": ["a"]},
        {"type": "Relationship", "spdxId": "r2", "from": "a", "relationshipType": "hasDeclaredLicense", "to": ["l"]},
    ],
}


@pytest.mark.parametrize("document", [SPDX, TAGGED, THIRD], ids=["JSON", "tag-value", "3"])
def test_spdx_in_its_three_forms(document: Any) -> None:
    found = report(document)
    content = found.content
    assert isinstance(content, Components)
    assert content.subject is not None
    assert (content.subject.name, len(content.subject.depends_on), content.serial) == ("app", 1, "https://x.example/1")
    (a,) = content.components
    assert (a.name, a.version, a.purl, a.licences, a.digests) == ("a", "1", "pkg:npm/a@1", ("MIT",), ("sha256:ab",))
    assert found.made == "2026-01-01T00:00:00Z"
    assert found.strict


# OpenVEX and CSAF


def openvex(**statement: Any) -> dict[str, Any]:
    base = {
        "vulnerability": {"name": "CVE-2024-0001", "aliases": ["GHSA-aaaa-bbbb-cccc"]},
        "products": [{"@id": "pkg:npm/x@1"}],
    }
    return {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "id", "author": "X", "statements": [base | statement]}


STATEMENTS: dict[str, tuple[dict[str, Any], int, list[str]]] = {
    "a justification": ({"status": "not_affected", "justification": "component_not_present"}, 1, []),
    "an impact": ({"status": "not_affected", "impact_statement": "not built in"}, 1, []),
    "no reason": ({"status": "not_affected"}, 0, ["no-justification"]),
    "an empty reason": ({"status": "not_affected", "impact_statement": "  "}, 0, ["no-justification"]),
    "an unknown reason": ({"status": "not_affected", "justification": "trust me"}, 0, ["unknown-justification"]),
    "no action": ({"status": "affected"}, 1, ["no-action"]),
    "fixed": ({"status": "fixed"}, 1, []),
    "no status": ({"status": "fine"}, 0, ["no-status"]),
    "nothing named": ({"status": "fixed", "vulnerability": {}}, 0, ["no-vulnerability"]),
    "the form of before": ({"status": "fixed", "vulnerability": "CVE-1", "products": ["pkg:npm/x@1"]}, 1, []),
    "two parts": (
        {"status": "fixed", "products": [{"@id": "p", "subcomponents": [{"@id": "a"}, {"@id": "b"}]}]},
        2,
        [],
    ),
    "no product": ({"status": "fixed", "products": None}, 1, []),
}


@pytest.mark.parametrize(("statement", "count", "wrong"), STATEMENTS.values(), ids=STATEMENTS)
def test_statements_of_openvex(statement: Any, count: int, wrong: list[str]) -> None:
    found = report(openvex(**statement))
    assert len(found.content.judgements) == count  # type: ignore[union-attr]
    assert [defect.code for defect in found.defects] == wrong


LOOK_UPS = [
    ({"purl": "pkg:npm/x@1"}, 1),
    ({"purl": "pkg:npm/x"}, 1),
    ({"vulnerability": "CVE-2024-0001"}, 1),
    ({"vulnerability": "GHSA-aaaa-bbbb-cccc"}, 1),
    ({"purl": "pkg:npm/x@1", "vulnerability": "CVE-2024-0001"}, 1),
    ({"purl": "pkg:npm/x@2"}, 0),
    ({"purl": "pkg:npm/y@1"}, 0),
    ({"purl": "pkg:npm/x@1", "vulnerability": "CVE-2024-0002"}, 0),
]


@pytest.mark.parametrize(("asked", "count"), LOOK_UPS)
def test_a_judgement_is_found_by_package_by_vulnerability_and_by_both(asked: dict[str, str], count: int) -> None:
    """guacsec/guac#1539."""
    content = report(openvex(status="fixed")).content
    assert isinstance(content, Advisories)
    assert len(judgements_of(content, **asked)) == count


def csaf(**vulnerability: Any) -> dict[str, Any]:
    product = {"name": "X 1", "product_id": "P", "product_identification_helper": {"purl": "pkg:npm/x@1"}}
    return {
        "document": {
            "csaf_version": "2.0",
            "category": "csaf_vex",
            "publisher": {"name": "X"},
            "tracking": {"id": "1"},
        },
        "product_tree": {
            "branches": [{"branches": [{"category": "product_version", "name": "1", "product": product}]}]
        },
        "vulnerabilities": [{"cve": "CVE-2024-0001", **vulnerability}],
    }


NOT_AFFECTED = {"product_status": {"known_not_affected": ["P"]}}
ADVISORIES: dict[str, tuple[dict[str, Any], int, list[str]]] = {
    "a flag": ({**NOT_AFFECTED, "flags": [{"label": "component_not_present", "product_ids": ["P"]}]}, 1, []),
    "an impact": ({**NOT_AFFECTED, "threats": [{"category": "impact", "details": "x", "product_ids": ["P"]}]}, 1, []),
    "no reason": (NOT_AFFECTED, 0, ["no-justification"]),
    "fixed": ({"product_status": {"fixed": ["P"], "recommended": ["P"]}}, 1, []),
    "a product that is not there": ({"product_status": {"fixed": ["Q"]}}, 0, ["unknown-ref"]),
    "nothing named": ({"cve": "", "product_status": {"fixed": ["P"]}}, 0, ["no-vulnerability"]),
}


@pytest.mark.parametrize(("vulnerability", "count", "wrong"), ADVISORIES.values(), ids=ADVISORIES)
def test_judgements_of_csaf(vulnerability: Any, count: int, wrong: list[str]) -> None:
    found = report(csaf(**vulnerability))
    content = found.content
    assert isinstance(content, Advisories)
    assert [each.product for each in content.judgements] == ["pkg:npm/x@1"] * count
    assert [defect.code for defect in found.defects] == wrong


# in-toto

STATEMENT = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "a", "digest": {"sha256": "ab"}}],
    "predicateType": "https://slsa.dev/provenance/v1",
    "predicate": {},
}


def envelope(payload: Any = STATEMENT, **more: Any) -> dict[str, Any]:
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return {
        "payloadType": "application/vnd.in-toto+json",
        "payload": base64.b64encode(data).decode(),
        "signatures": [{"keyid": "k", "sig": "x"}],
        **more,
    }


BUNDLE = {
    "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
    "dsseEnvelope": envelope(),
    "verificationMaterial": {"certificate": {"rawBytes": base64.b64encode(b"der").decode()}},
}
DER = f"certificate sha256:{hashlib.sha256(b'der').hexdigest()}"


@pytest.mark.parametrize(
    ("document", "signed_by"),
    [(STATEMENT, ()), (envelope(), ("k",)), (BUNDLE, ("k", DER))],
    ids=["plain", "envelope", "bundle"],
)
def test_statements_are_unwrapped(document: Any, signed_by: tuple[str, ...]) -> None:
    found = report(document)
    content = found.content
    assert isinstance(content, Attested)
    assert (content.predicate, content.subjects) == ("https://slsa.dev/provenance/v1", (("a", "sha256:ab"),))
    assert content.signed_by == signed_by
    assert found.about == "sha256:ab"


BROKEN = {
    "no base64": (envelope(payload=STATEMENT) | {"payload": "!!"}, "malformed"),
    "no JSON": (envelope(b"{"), "malformed"),
    "a list": (envelope([]), "malformed"),
    "another type": (envelope({"_type": "https://in-toto.io/Statement/v9"}), "unknown-version"),
}


@pytest.mark.parametrize(("document", "code"), BROKEN.values(), ids=BROKEN)
def test_envelopes_that_hold_no_statement(document: Any, code: str) -> None:
    found = read(Source(name="x", data=json.dumps(document).encode()))
    assert isinstance(found, Unreadable)
    assert found.code == code


def test_several_statements_in_one_file_are_not_one() -> None:
    line = json.dumps(envelope()).encode()
    found = read(Source(name="x", data=line + b"\n" + line + b"\n"))
    assert isinstance(found, Unreadable)
    assert found.code == "several"


def test_a_subject_without_a_digest_is_told() -> None:
    assert codes({**STATEMENT, "subject": [{"name": "a"}]}) == ["no-digest", "no-subject"]
