"""A bill of materials as CycloneDX 1.6 JSON: the same bill is the same bytes."""

from __future__ import annotations

import uuid
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.artifacts.sbom.bill import Bill
    from plumbline.model.report import Component

SPEC_VERSION = "1.6"
MEDIA_TYPE = "application/vnd.cyclonedx+json"
_NAMESPACE = uuid.UUID("6b3d9f0e-52f4-5d0c-9a0e-7d7f6f1f6a51")  # of serial numbers that are made of content
_ALGORITHMS = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", gc=False):
    pass


class _Hash(_Part, frozen=True, kw_only=True):
    alg: str
    content: str


class _Property(_Part, frozen=True, kw_only=True):
    name: str
    value: str


class _License(_Part, frozen=True, kw_only=True):
    name: str


class _LicenseChoice(_Part, frozen=True, kw_only=True):
    license: _License


class _Component(_Part, frozen=True, kw_only=True):
    type: str
    bom_ref: str = msgspec.field(name="bom-ref")
    group: str = ""
    name: str
    version: str = ""
    scope: str = ""
    hashes: tuple[_Hash, ...] = ()
    licenses: tuple[_LicenseChoice, ...] = ()
    purl: str = ""
    properties: tuple[_Property, ...] = ()


class _Tool(_Part, frozen=True, kw_only=True):
    type: str
    name: str
    version: str


class _Tools(_Part, frozen=True, kw_only=True):
    components: tuple[_Tool, ...]


class _Metadata(_Part, frozen=True, kw_only=True):
    timestamp: str = ""
    tools: _Tools
    component: _Component
    properties: tuple[_Property, ...] = ()


class _Dependency(_Part, frozen=True, kw_only=True):
    ref: str
    depends_on: tuple[str, ...] = ()


class _Composition(_Part, frozen=True, kw_only=True):
    aggregate: str
    assemblies: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()


class _Document(_Part, frozen=True, kw_only=True):
    schema: str = msgspec.field(name="$schema")
    bom_format: str
    spec_version: str
    serial_number: str = ""
    version: int
    metadata: _Metadata
    components: tuple[_Component, ...]
    dependencies: tuple[_Dependency, ...]
    compositions: tuple[_Composition, ...]


def write_cyclonedx(bill: Bill, *, tool_version: str, timestamp: str = "") -> bytes:
    """One line of JSON. ``timestamp`` (RFC 3339) is left out where the bytes are to depend on the files alone."""
    found = bill.components
    assert found.subject is not None
    subject, parts = found.subject, found.components
    sources = tuple(_Property(name="plumbline:lock-file", value=f"{one.path} {one.digest}") for one in bill.files)
    missing = tuple(_Property(name="plumbline:defect", value=_said(code, where)) for code, where in _defects(bill))
    document = _Document(
        schema="http://cyclonedx.org/schema/bom-1.6.schema.json",
        bom_format="CycloneDX",
        spec_version=SPEC_VERSION,
        version=1,
        metadata=_Metadata(
            timestamp=timestamp,
            tools=_Tools(components=(_Tool(type="application", name="plumbline", version=tool_version),)),
            component=_component(subject, kind="application"),
            properties=sources + missing,
        ),
        components=tuple(_component(one) for one in parts),
        dependencies=tuple(_Dependency(ref=one.ref, depends_on=one.depends_on) for one in (subject, *parts)),
        compositions=(
            _Composition(aggregate="complete" if bill.complete else "incomplete", assemblies=(subject.ref,)),
        ),
    )
    serial = uuid.uuid5(_NAMESPACE, sha256(msgspec.json.encode(document)).hexdigest())
    return msgspec.json.encode(msgspec.structs.replace(document, serial_number=f"urn:uuid:{serial}")) + b"\n"


def _defects(bill: Bill) -> Iterable[tuple[str, str]]:
    return sorted({(one.code, one.where) for one in bill.defects})


def _said(code: str, where: str) -> str:
    return f"{code}: {where}" if where else code


def _component(one: Component, kind: str = "") -> _Component:
    group, name = _names(one)
    return _Component(
        type=kind or one.kind,
        bom_ref=one.ref,
        group=group,
        name=name,
        version=one.version,
        scope=one.scope if not kind else "",
        hashes=tuple(
            _Hash(alg=_ALGORITHMS[algorithm], content=value)
            for algorithm, _, value in (digest.partition(":") for digest in one.digests)
            if algorithm in _ALGORITHMS
        ),
        licenses=tuple(_LicenseChoice(license=_License(name=each)) for each in one.licences),
        purl=one.purl,
        properties=tuple(_Property(name=name, value=value) for name, value in one.properties),
    )


def _names(one: Component) -> tuple[str, str]:
    """The group apart, where the kind of package has one."""
    if one.purl.startswith(("pkg:npm/", "pkg:golang/")) and "/" in one.name:
        group, _, name = one.name.rpartition("/")
        return group, name
    if one.purl.startswith("pkg:maven/"):
        group, _, name = one.name.partition(":")
        return (group, name) if name else ("", group)
    return "", one.name
