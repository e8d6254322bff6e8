"""Reports of scanners other than SARIF: severities, places, secrets, and what they prove of where they looked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plumbline.model.report import Findings, Report, ScanKind, Severity
from plumbline.reports.parser import Source
from plumbline.reports.reading import read


def report(document: Any, **settings: str) -> Report:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    found = read(Source(name="x", data=data, settings=settings))
    assert isinstance(found, Report), found
    return found


def scan(document: Any, **settings: str) -> Findings:
    content = report(document, **settings).content
    assert isinstance(content, Findings)
    return content


def codes(document: Any) -> list[str]:
    return [defect.code for defect in report(document).defects]


# Code Climate

ISSUE = {"type": "issue", "check_name": "rule", "description": "d", "fingerprint": "f", "severity": "major"}


def issue(**more: Any) -> dict[str, Any]:
    return {**ISSUE, "location": {"path": "a.py", "lines": {"begin": 3}}, **more}


def test_code_climate_lines_in_all_their_forms() -> None:
    forms = [
        {"lines": {"begin": 3, "end": 5}},
        {"positions": {"begin": {"line": 3, "column": 2}, "end": {"line": 5}}},
        {"lines": {"begin": {"line": 3}, "end": {"line": 5}}},
    ]
    found = scan([issue(fingerprint=str(n), location={"path": "a.py", **form}) for n, form in enumerate(forms)])
    assert {(each.line, each.end_line) for each in found.findings} == {(3, 5)}


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("blocker", Severity.CRITICAL),
        ("critical", Severity.HIGH),
        ("major", Severity.MEDIUM),
        ("minor", Severity.LOW),
        ("info", Severity.INFO),
        ("odd", Severity.UNKNOWN),
    ],
)
def test_code_climate_severities(word: str, severity: Severity) -> None:
    (found,) = scan([issue(severity=word)]).findings
    assert (found.severity, found.severity_said) == (severity, word)


def test_code_climate_measurements_are_no_findings_and_same_ids_are_told() -> None:
    document = [issue(), issue(), issue(type="measurement", fingerprint="g"), 7]
    assert len(scan(document).findings) == 2
    assert codes(document) == ["duplicate-id", "no-issue"]


def test_code_climate_says_nothing_of_where_it_looked() -> None:
    assert scan([issue()]).scope == ()


# Checkstyle


def test_checkstyle_names_the_files_that_it_looked_at() -> None:
    data = b"""<checkstyle version="8.1"><file name="a.java"/><file name="/b/x/b.java">
        <error line="3" column="2" severity="error" message="m"
            source="com.puppycrawl.tools.checkstyle.checks.X"/></file><file name="../c.java"/></checkstyle>"""
    found = report(data, root="/b/x")
    content = found.content
    assert isinstance(content, Findings)
    assert content.scope == ("a.java", "b.java")
    assert [(each.path, each.line, each.severity) for each in content.findings] == [("b.java", 3, Severity.HIGH)]
    assert (found.tool, found.tool_version) == ("checkstyle", "8.1")
    assert [defect.code for defect in found.defects] == ["outside"]


# GitLab


def gitlab(kind: str = "sast", *vulnerabilities: Any, **scan_more: Any) -> dict[str, Any]:
    tool = {"id": "semgrep", "name": "Semgrep", "version": "1.0"}
    return {
        "version": "15.2.1",
        "scan": {"type": kind, "status": "success", "scanner": tool, "analyzer": tool, **scan_more},
        "vulnerabilities": list(vulnerabilities),
    }


def vulnerability(location: dict[str, Any], **more: Any) -> dict[str, Any]:
    identifiers = [
        {"type": "semgrep_id", "name": "rule", "value": "rule"},
        {"type": "cwe", "name": "CWE-89", "value": "89"},
    ]
    return {"id": "1", "severity": "High", "identifiers": identifiers, "location": location, **more}


@pytest.mark.parametrize(
    ("kind", "read_as"),
    [
        ("sast", ScanKind.SAST),
        ("dependency_scanning", ScanKind.DEPENDENCY),
        ("secret_detection", ScanKind.SECRET),
        ("container_scanning", ScanKind.CONTAINER),
        ("dast", ScanKind.DAST),
        ("api_fuzzing", ScanKind.DAST),
    ],
)
def test_gitlab_says_the_kind_itself(kind: str, read_as: ScanKind) -> None:
    assert scan(gitlab(kind)).kind is read_as


GITLAB_SCOPES = {
    "nothing is named": (gitlab(), ()),
    "rules are named": (gitlab(primary_identifiers=[{"type": "semgrep_id", "name": "r", "value": "r"}]), ("./",)),
    "addresses are named": (gitlab("dast", scanned_resources=[{"url": "https://a.example/"}]), ("https://a.example/",)),
    "lock files are named": (
        {**gitlab("dependency_scanning"), "dependency_files": [{"path": "a/yarn.lock", "package_manager": "yarn"}]},
        ("a/yarn.lock",),
    ),
    "nobody says who looked": (
        gitlab("dast", scanned_resources=[{"url": "https://a.example/"}], scanner={}, analyzer={}),
        (),
    ),
    "it failed": (gitlab("dast", scanned_resources=[{"url": "https://a.example/"}], status="failure"), ()),
}


@pytest.mark.parametrize(("document", "scope"), GITLAB_SCOPES.values(), ids=GITLAB_SCOPES)
def test_gitlab_scopes(document: Any, scope: tuple[str, ...]) -> None:
    found = scan(document)
    assert found.scope == scope
    assert found.finished is (document["scan"]["status"] == "success")


def test_gitlab_code() -> None:
    (found,) = scan(gitlab("sast", vulnerability({"file": "a.py", "start_line": 3, "end_line": 4}))).findings
    assert (found.rule, found.path, found.line, found.end_line) == ("rule", "a.py", 3, 4)
    assert (found.severity, found.identifiers) == (Severity.HIGH, ("CWE-89",))


PACKAGES = [
    ({"file": "yarn.lock"}, "@angular/core", "1.0", "pkg:npm/%40angular/core@1.0"),
    ({"file": "pom.xml"}, "org.x/y", "2", "pkg:maven/org.x/y@2"),
    ({"file": "elsewhere"}, "z", "3", "pkg:generic/z@3"),
    ({"image": "a:1", "operating_system": "debian:12"}, "zlib", "1.2", "pkg:deb/debian/zlib@1.2?distro=debian-12"),
    ({"image": "a:1", "operating_system": "alpine 3.18"}, "zlib", "1.2", "pkg:apk/alpine/zlib@1.2"),
]


@pytest.mark.parametrize(("location", "name", "version", "purl"), PACKAGES)
def test_gitlab_packages(location: dict[str, Any], name: str, version: str, purl: str) -> None:
    location = {**location, "dependency": {"package": {"name": name}, "version": version}}
    document = {
        **gitlab("container_scanning", vulnerability(location)),
        "dependency_files": [
            {"path": "yarn.lock", "package_manager": "yarn"},
            {"path": "pom.xml", "package_manager": "maven"},
        ],
    }
    assert scan(document).findings[0].package == purl


def test_gitlab_secrets_are_in_no_text() -> None:
    leak = vulnerability({"file": "a"}, raw_source_code_extract="hunter2", description="found hunter2")
    (found,) = scan(gitlab("secret_detection", leak)).findings
    assert (found.secret, found.snippet, found.message) == ("hunter2", "", "found ***")


def test_a_dast_report_with_the_sites_of_zap_is_gitlabs() -> None:
    document = {**gitlab("dast"), "@version": "1", "@generated": "Mon", "site": []}
    assert report(document).format == "gitlab_security"


# Secrets

LEAK = {"RuleID": "aws", "File": "a.py", "StartLine": 3, "StartColumn": 5, "Description": "AWS key", "Commit": "c" * 40}


def test_gitleaks_keeps_the_value_apart() -> None:
    (found,) = scan([{**LEAK, "Secret": "s3cret", "Match": "key=s3cret", "Message": "s3cret", "Email": "w@x"}]).findings
    assert (found.secret, found.path, found.line, found.column) == ("s3cret", "a.py", 3, 5)
    assert repr(found).count("s3cret") == 1
    assert "w@x" not in repr(found)


@pytest.mark.parametrize("value", ["REDACTED", "REDACTED...", "***"])
def test_gitleaks_redacted(value: str) -> None:
    assert scan([{**LEAK, "Secret": value}]).findings[0].secret == ""


TRUFFLE = {
    "SourceMetadata": {"Data": {"Git": {"commit": "c" * 40, "file": "a.py", "line": 3}}},
    "DetectorName": "AWS",
    "Verified": True,
    "Raw": "s3cret",
}


def test_trufflehog_lines_between_its_log() -> None:
    log = {"level": "info-0", "msg": "running source"}
    lines = [log, TRUFFLE, {**TRUFFLE, "Verified": False, "Raw": "other"}, {"x": 1}]
    found = report("\n".join(map(json.dumps, lines)).encode())
    assert [(e.severity, e.path, e.secret) for e in found.content.findings] == [  # type: ignore[union-attr]
        (Severity.CRITICAL, "a.py", "s3cret"),
        (Severity.UNKNOWN, "a.py", "other"),
    ]
    assert [defect.code for defect in found.defects] == ["no-rule"]


def test_detect_secrets_audited_and_its_digests() -> None:
    hits = [{"type": "AWS", "hashed_secret": "0" * 40, "line_number": 3, "is_secret": False}]
    found = scan({"version": "1.5.0", "plugins_used": [{"name": "A"}], "results": {"a.py": hits}})
    assert (found.findings[0].suppressed, found.findings[0].secret) == ("audited: no secret", "sha1:" + "0" * 40)
    assert found.rules.startswith("sha256:")
    assert found.scope == ()


# ZAP

ALERT = {"pluginid": "10", "alertRef": "10-1", "alert": "X", "riskcode": "2", "confidence": "2", "cweid": "16"}


def test_zap_has_a_finding_for_each_instance() -> None:
    instances = [{"uri": "https://a.example/1", "method": "GET"}, {"uri": "https://a.example/2", "param": "id"}]
    site = {"@name": "https://a.example", "alerts": [{**ALERT, "instances": instances, "count": "5"}]}
    document = {"@version": "2.15.0", "@generated": "Mon", "site": [site]}
    found = scan(document)
    assert [each.object for each in found.findings] == ["GET https://a.example/1", "https://a.example/2 (id)"]
    assert (found.scope, found.findings[0].severity) == (("https://a.example",), Severity.MEDIUM)
    assert codes(document) == ["left-out"]


def test_zap_in_xml_is_the_same() -> None:
    data = b"""<OWASPZAPReport version="2.15.0" generated="Mon"><site name="https://a.example"><alerts><alertitem>
        <pluginid>10</pluginid><alertRef>10-1</alertRef><name>X</name><riskcode>3</riskcode><confidence>0</confidence>
        <instances><instance><uri>https://a.example/1</uri><method>GET</method></instance></instances><cweid>79</cweid>
        </alertitem></alerts></site></OWASPZAPReport>"""
    (found,) = scan(data).findings
    assert (found.rule, found.object, found.severity) == ("10-1", "GET https://a.example/1", Severity.HIGH)
    assert (found.identifiers, found.suppressed) == (("CWE-79",), "false positive")
