"""Findings as SARIF 2.1.0: one result for each, with its level, its severity and where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from plumbline.model.report import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.model.report import Finding

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
    Severity.UNKNOWN: "warning",
}
_SCORES = {  # the lowest of each band: what readers make the same severity of
    Severity.CRITICAL: "9.0",
    Severity.HIGH: "7.0",
    Severity.MEDIUM: "4.0",
    Severity.LOW: "0.1",
    Severity.INFO: "0.0",
}


def written(findings: Iterable[tuple[Finding, str]], *, tool: str, version: str, revision: str = "") -> bytes:
    """Each finding comes with its signature, which is written as its fingerprint; values of secrets are never written.
    ``revision``: the commit that they are in."""
    rules: dict[str, dict[str, Any]] = {}
    results = [_result(finding, signature, rules) for finding, signature in findings]
    driver = {"name": tool, "version": version, "rules": list(rules.values())}
    run: dict[str, Any] = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    if revision:
        run["properties"] = {"revision": revision}
    return msgspec.json.encode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _result(finding: Finding, signature: str, rules: dict[str, dict[str, Any]]) -> dict[str, Any]:
    name = finding.rule or "unknown"
    if name not in rules:
        rules[name] = _rule(name, finding)
    result: dict[str, Any] = {
        "ruleId": name,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message or finding.title or name},
        "properties": _properties(finding),
    }
    if finding.path:
        location: dict[str, Any] = {"artifactLocation": {"uri": quote(finding.path), "uriBaseId": "%SRCROOT%"}}
        if finding.line:
            location["region"] = _region(finding)
        result["locations"] = [{"physicalLocation": location}]
    elif finding.object:
        result["locations"] = [{"logicalLocations": [{"fullyQualifiedName": finding.object}]}]
    if signature:
        result["partialFingerprints"] = {signature.partition(":")[0]: signature.partition(":")[2]}
    if finding.suppressed:
        result["suppressions"] = [{"kind": "external", "justification": finding.suppressed}]
    return result


def _rule(name: str, finding: Finding) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": name, "properties": {"tags": list(finding.identifiers)}}
    if finding.title:
        rule["shortDescription"] = {"text": finding.title}
    return rule


def _region(finding: Finding) -> dict[str, int]:
    region = {"startLine": finding.line, "endLine": max(finding.end_line, finding.line)}
    return region | {"startColumn": finding.column} if finding.column else region


def _properties(finding: Finding) -> dict[str, str]:
    found = {"security-severity": _SCORES.get(finding.severity, ""), "purl": finding.package, "image": finding.image}
    return {name: value for name, value in found.items() if value}
