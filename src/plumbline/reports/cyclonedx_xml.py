"""CycloneDX XML as the document that its JSON would be, as far as it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.reports.xml_tree import below, first, local, said

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def document_of(bom: Element) -> dict[str, Any]:
    metadata = first(bom, "metadata")
    subject = first(metadata, "component")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": bom.tag.rpartition("}")[0].rpartition("/")[2],
        "serialNumber": bom.get("serialNumber", ""),
        "metadata": {
            "timestamp": said(metadata, "timestamp"),
            "tools": _tools(first(metadata, "tools")),
            **({"component": _component(subject)} if subject is not None else {}),
        },
        "components": [_component(entry) for entry in below(first(bom, "components"), "component")],
        "dependencies": [
            {"ref": entry.get("ref", ""), "dependsOn": [target.get("ref", "") for target in below(entry, "dependency")]}
            for entry in below(first(bom, "dependencies"), "dependency")
        ],
        "vulnerabilities": [_vulnerability(entry) for entry in below(first(bom, "vulnerabilities"), "vulnerability")],
    }


def _tools(tools: Element | None) -> Any:
    """Up to 1.4 a list of tools; later also components."""
    parts = [*below(tools, "tool"), *below(first(tools, "components"), "component")]
    return [{"name": said(part, "name"), "version": said(part, "version")} for part in parts]


def _component(entry: Element) -> dict[str, Any]:
    licences = first(entry, "licenses")
    return {
        "type": entry.get("type", ""),
        "bom-ref": entry.get("bom-ref", ""),
        **{name: said(entry, name) for name in ("group", "name", "version", "scope", "purl")},
        "hashes": [_hash(each) for each in below(first(entry, "hashes"), "hash")],
        "licenses": [_licence(each) for name in ("license", "expression") for each in below(licences, name)],
        "components": [_component(each) for each in below(first(entry, "components"), "component")],
    }


def _hash(entry: Element) -> dict[str, Any]:
    return {"alg": entry.get("alg", ""), "content": entry.text or ""}


def _licence(entry: Element) -> dict[str, Any]:
    if local(entry) == "expression":
        return {"expression": entry.text or ""}
    return {"license": {"id": said(entry, "id"), "name": said(entry, "name")}}


def _vulnerability(entry: Element) -> dict[str, Any]:
    return {
        "id": said(entry, "id"),
        "analysis": {name: said(entry, "analysis", name) for name in ("state", "justification", "detail")},
        "affects": [{"ref": said(target, "ref")} for target in below(first(entry, "affects"), "target")],
    }
