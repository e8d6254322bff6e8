"""Formats of findings, bills, contracts and statements are told by their marks, each by one parser alone."""

from __future__ import annotations

import pytest

from plumbline.model.report import Report, Unreadable
from plumbline.reports.parser import Source
from plumbline.reports.reading import read

SMALLEST = {
    "sarif": b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": []}]}',
    "codeclimate": b'[{"check_name": "a", "description": "b", "fingerprint": "c", "location": {"path": "d.py"}}]',
    "checkstyle": b'<checkstyle version="8.0"/>',
    "gitlab_security": b'{"version": "15.0.0", "scan": {"type": "sast", "status": "success"}, "vulnerabilities": []}',
    "gitleaks": b'[{"RuleID": "a", "File": "b", "Secret": "c"}]',
    "trufflehog": b'{"SourceMetadata": {"Data": {}}, "DetectorName": "AWS"}',
    "detect_secrets": b'{"version": "1.5.0", "plugins_used": [], "results": {}}',
    "zap": b'{"@version": "2.14.0", "@generated": "Mon", "site": []}',
    "cyclonedx": b'{"bomFormat": "CycloneDX", "specVersion": "1.6"}',
    "spdx": b'{"spdxVersion": "SPDX-2.3", "packages": []}',
    "openvex": b'{"@context": "https://openvex.dev/ns/v0.2.0", "statements": []}',
    "csaf": b'{"document": {"csaf_version": "2.0", "category": "csaf_vex"}}',
    "openapi": b'{"openapi": "3.0.3", "paths": {}}',
    "asyncapi": b'{"asyncapi": "3.0.0"}',
    "graphql": b"type Query {\n  account: String\n}\n",
    "grpc": b'syntax = "proto3";\n',
    "in_toto": b'{"_type": "https://in-toto.io/Statement/v1", "subject": []}',
}
OTHERS = {
    "trufflehog": b'{"SourceMetadata": {"Data": {}}, "DetectorName": "A"}\n'
    b'{"SourceMetadata": {}, "DetectorName": "B"}\n',
    "zap": b'<OWASPZAPReport version="2.14.0" generated="Mon"><site name="https://a.example"/></OWASPZAPReport>',
    "cyclonedx": b'<bom xmlns="http://cyclonedx.org/schema/bom/1.4"/>',
    "spdx": b"SPDXVersion: SPDX-2.3\nPackageName: a\n",
    "openapi": b"openapi: 3.1.0\npaths: {}\n",
    "asyncapi": b"asyncapi: 2.6.0\nchannels: {}\n",
    "graphql": b'{"data": {"__schema": {"queryType": {"name": "Q"}, "types": []}}}',
    "in_toto": b'{"payloadType": "application/vnd.in-toto+json", "payload": "e30=", "signatures": []}',
}


@pytest.mark.parametrize(("name", "data"), [*SMALLEST.items(), *OTHERS.items()])
def test_the_smallest_file_of_a_format_is_of_that_format(name: str, data: bytes) -> None:
    found = read(Source(name="x", data=data))
    assert found.format == name, found


BARE = {"an empty list": b"[]", "an empty list with spaces": b" [ ]\n", "an empty object": b"{}"}
SCANS = ("codequality", "sast", "secret_detection", "dependency_scanning", "container_scanning", "dast", "gitleaks")


@pytest.mark.parametrize("data", BARE.values(), ids=BARE)
@pytest.mark.parametrize("wanted", ["", *SCANS])
def test_an_empty_list_is_never_a_clean_scan_of_any_kind(data: bytes, wanted: str) -> None:
    found = read(Source(name="gl-sast-report.json", data=data), wanted)
    assert isinstance(found, Unreadable)
    assert found.code == "empty"


@pytest.mark.parametrize("name", ["sarif", "checkstyle", "gitlab_security", "detect_secrets", "zap"])
def test_a_scan_that_found_nothing_and_does_not_say_where_it_looked_has_no_scope(name: str) -> None:
    found = read(Source(name="x", data=SMALLEST[name]))
    assert isinstance(found, Report)
    assert (found.content.findings, found.content.scope) == ((), ())  # type: ignore[union-attr]
