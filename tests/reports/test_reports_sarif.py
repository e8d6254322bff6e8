"""SARIF as tools really write it. The complaints that named the cases stand beside them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plumbline.model.report import Finding, Findings, Report, ScanKind, Severity, Unreadable
from plumbline.reports.parser import Source
from plumbline.reports.reading import read
from plumbline.reports.writing.sarif import written

AT = {"physicalLocation": {"artifactLocation": {"uri": "src/a.py"}, "region": {"startLine": 3}}}


def run(*results: dict[str, Any], rules: list[dict[str, Any]] | None = None, name: str = "tool", **more: Any) -> Any:
    return {"tool": {"driver": {"name": name, "rules": rules or []}}, "results": list(results), **more}


def report(*runs: Any, **settings: str) -> Report:
    data = json.dumps({"version": "2.1.0", "runs": list(runs)}).encode()
    found = read(Source(name="x.sarif", data=data, settings=settings))
    assert isinstance(found, Report), found
    return found


def scan(*runs: Any, **settings: str) -> Findings:
    content = report(*runs, **settings).content
    assert isinstance(content, Findings)
    return content


def one(result: dict[str, Any], rule: dict[str, Any] | None = None, **more: Any) -> Finding:
    rules = [{"id": "R", **rule}] if rule is not None else []
    (found,) = scan(run({"ruleId": "R", "locations": [AT], **result}, rules=rules, **more)).findings
    return found


def codes(*runs: Any, **settings: str) -> list[str]:
    return [defect.code for defect in report(*runs, **settings).defects]


# Severity

LEVELS = [
    ({"level": "error"}, {}, Severity.HIGH, "error"),
    ({}, {"defaultConfiguration": {"level": "note"}}, Severity.LOW, "note"),
    ({}, {}, Severity.MEDIUM, "warning"),
    ({"level": "none"}, {}, Severity.INFO, "none"),
    ({"kind": "review"}, {"defaultConfiguration": {"level": "error"}}, Severity.INFO, "none"),
    ({"level": "odd"}, {}, Severity.UNKNOWN, "odd"),
    ({"level": "note"}, {"properties": {"security-severity": "9.8"}}, Severity.CRITICAL, "note; security-severity 9.8"),
    ({"level": "error"}, {"properties": {"security-severity": "high"}}, Severity.HIGH, "error"),
    ({"level": "error"}, {"properties": {"security-severity": "77"}}, Severity.HIGH, "error; security-severity 77"),
    ({"properties": {"security-severity": 4}}, {"properties": {"security-severity": "9.8"}}, Severity.MEDIUM, None),
]


@pytest.mark.parametrize(("result", "rule", "severity", "said"), LEVELS)
def test_levels_and_scores_are_both_kept(result: Any, rule: Any, severity: Severity, said: str | None) -> None:
    found = one(result, rule)
    assert found.severity is severity
    assert said is None or found.severity_said == said


def test_results_without_a_level_are_findings() -> None:
    """mattrobinsonsre/terrapod PR#1222: 8 findings are not 0."""
    rules = [{"id": "R", "defaultConfiguration": {"level": "error"}}]
    found = scan(run(*[{"ruleId": "R", "message": {"text": "x"}}] * 8, rules=rules))
    assert [finding.severity for finding in found.findings] == [Severity.HIGH] * 8


# Rules

EXTENSIONS = [{"name": "pack", "semanticVersion": "1.2.0", "rules": [{"id": "E0"}, {"id": "E1", "name": "of pack"}]}]
TOOL = {"driver": {"name": "t", "rules": [{"id": "D0", "name": "of driver"}]}, "extensions": EXTENSIONS}
RULES = [
    ({"ruleId": "D0"}, "D0", "of driver"),
    ({"ruleIndex": 0}, "D0", "of driver"),
    ({"rule": {"index": 1, "toolComponent": {"index": 0}}}, "E1", "of pack"),
    ({"rule": {"index": 1, "toolComponent": {"name": "pack"}}}, "E1", "of pack"),
    ({"ruleId": "E1"}, "E1", "of pack"),
    ({"ruleId": "D0/1"}, "D0/1", "of driver"),
    ({"ruleId": "D0/1", "ruleIndex": 0}, "D0/1", "of driver"),
    ({"ruleId": "other", "ruleIndex": 0}, "other", ""),
    ({"ruleIndex": 99}, "", ""),
    ({"ruleIndex": -1}, "", ""),
    ({}, "", ""),
]


@pytest.mark.parametrize(("result", "name", "title"), RULES)
def test_which_rule_a_result_is_of(result: Any, name: str, title: str) -> None:
    (found,) = scan({"tool": TOOL, "results": [result]}).findings
    assert (found.rule, found.title) == (name, title)


def test_a_result_without_a_rule_is_kept_and_told() -> None:
    assert codes(run({"message": {"text": "x"}})) == ["no-rule"]


def test_weaknesses_come_from_tags_relationships_and_taxa() -> None:
    found = one(
        {"taxa": [{"id": "22", "toolComponent": {"name": "CWE"}}]},
        {
            "properties": {"tags": ["external/cwe/cwe-079", "CWE-89: SQL"]},
            "relationships": [{"target": {"id": "78", "toolComponent": {"name": "CWE"}}}],
        },
    )
    assert found.identifiers == ("CWE-22", "CWE-78", "CWE-79", "CWE-89")


def test_a_message_by_id_is_filled() -> None:
    rule = {"messageStrings": {"m": {"text": "{0} in {1}"}}}
    assert one({"message": {"id": "m", "arguments": ["a", "b"]}}, rule).message == "a in b"


# Places


def at(uri: str, **more: Any) -> dict[str, Any]:
    return {"locations": [{"physicalLocation": {"artifactLocation": {"uri": uri, **more}, "region": {"startLine": 1}}}]}


BASES = {
    "ROOT": {"uri": "file:///builds/bank/"},
    "SRC": {"uri": "src/", "uriBaseId": "ROOT"},
    "ROUND": {"uriBaseId": "ROUND"},
}
PLACES = [
    (at("a.py"), "a.py", False),
    (at("./a%20b.py"), "a b.py", False),
    (at("a\\b.py"), "a/b.py", False),
    (at("a.py", uriBaseId="ROOT"), "a.py", False),
    (at("a.py", uriBaseId="SRC"), "src/a.py", False),
    (at("a.py", uriBaseId="%SRCROOT%"), "a.py", False),
    (at("a.py", uriBaseId="ROUND"), "a.py", False),
    (at("file:///builds/bank/x/a.py"), "x/a.py", False),
    (at("file:///builds/other/a.py"), "", True),
    (at("../a.py"), "", True),
    (at("x/../../../etc/passwd"), "", True),
    (at("file:///etc/passwd"), "", True),
    (at("https://elsewhere.example/a.py"), "", True),
    (at("./"), "", False),
    ({"locations": [{"physicalLocation": {"artifactLocation": {"index": 0}}}]}, "listed.py", False),
    ({"locations": [{"physicalLocation": {"artifactLocation": {"index": 9}}}]}, "", False),
    ({}, "", False),
]


@pytest.mark.parametrize(("result", "path", "outside"), PLACES)
def test_a_path_is_in_the_repository_or_nowhere(result: Any, path: str, outside: bool) -> None:
    made = run({"ruleId": "R", **result}, originalUriBaseIds=BASES, artifacts=[{"location": {"uri": "listed.py"}}])
    found = report(made)
    assert found.content.findings[0].path == path  # type: ignore[union-attr]
    assert ("outside" in [defect.code for defect in found.defects]) is outside


def test_a_setting_says_which_folder_is_the_repository() -> None:
    found = scan(run({"ruleId": "R", **at("/home/ci/bank/a.py")}), root="/home/ci/bank")
    assert found.findings[0].path == "a.py"


REGIONS = [
    ({"startLine": 3, "endLine": 5, "startColumn": 7}, (3, 5, 7), []),
    ({"startLine": 0}, (0, 0, 0), ["no-line"]),
    ({"startLine": -4}, (0, 0, 0), ["no-line"]),
    ({"startLine": "7"}, (0, 0, 0), ["no-line"]),
    ({"startLine": 10**18}, (0, 0, 0), ["no-line"]),
    ({"startLine": 9, "endLine": 2}, (9, 9, 0), ["no-line"]),
    ({"startLine": 9, "startColumn": -1}, (9, 9, 0), ["no-column"]),
    ({"charOffset": 700}, (0, 0, 0), []),
    ({}, (0, 0, 0), []),
]


@pytest.mark.parametrize(("region", "lines", "defects"), REGIONS)
def test_lines_that_do_not_exist(region: Any, lines: tuple[int, ...], defects: list[str]) -> None:
    location = {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": region}}
    found = report(run({"ruleId": "R", "locations": [location]}))
    (finding,) = found.content.findings  # type: ignore[union-attr]
    assert (finding.line, finding.end_line, finding.column) == lines
    assert [defect.code for defect in found.defects] == defects


# What counts


def test_what_the_tool_suppresses_is_kept_with_the_reason() -> None:
    assert one({"suppressions": [{"kind": "inSource", "justification": "tested"}]}).suppressed == "tested"
    assert one({"suppressions": [{"kind": "inSource"}]}).suppressed == "inSource"
    assert one({"suppressions": [{"kind": "external", "status": "rejected"}]}).suppressed == ""
    assert one({"suppressions": []}).suppressed == ""


def test_what_passed_or_is_gone_is_no_finding() -> None:
    found = scan(run({"kind": "pass"}, {"kind": "notApplicable"}, {"baselineState": "absent"}, {"ruleId": "R"}))
    assert len(found.findings) == 1


def test_fingerprints_are_the_tools_own() -> None:
    assert one({"partialFingerprints": {"b": "2", "a": "1"}}).tool_fingerprint == "a:1"
    assert one({"fingerprints": {"a": "requires login"}}).tool_fingerprint == ""


def test_the_value_of_a_secret_is_in_no_text() -> None:
    location = {
        "physicalLocation": {
            "artifactLocation": {"uri": "a.py"},
            "region": {"startLine": 1, "snippet": {"text": "hunter2-hunter2"}},
        }
    }
    result = {"ruleId": "R", "locations": [location], "message": {"text": "found hunter2-hunter2"}}
    for made in (run(result, name="gitleaks"), run(result, rules=[{"id": "R", "properties": {"tags": ["secret"]}}])):
        (found,) = scan(made).findings
        assert (found.secret, found.message, found.snippet) == ("hunter2-hunter2", "found ***", "")


def test_two_hidden_secrets_are_not_one() -> None:
    """As gitleaks writes them with --redact."""
    region = {"startLine": 1, "snippet": {"text": "REDACTED"}}
    location = {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": region}}
    made = run(*[{"ruleId": "R", "locations": [location]}] * 2, name="gitleaks")
    assert [found.secret for found in scan(made).findings] == ["", ""]


# What was looked at

TWO = [{"id": "R"}, {"id": "S"}]
WENT = [{"executionSuccessful": True}]
ERROR = {"level": "error", "message": {"text": "cannot parse"}}
LISTED = [{"location": {"uri": "a.py"}}, {"location": {"uri": "b.py"}, "roles": ["analysisTarget"]}]
SCOPES: dict[str, tuple[dict[str, Any], tuple[str, ...], bool]] = {
    "nothing is said": ({}, (), True),
    "rules, and it went through": ({"rules": TWO, "invocations": WENT}, ("./",), True),
    "it went through with no rule": ({"invocations": WENT}, (), True),
    "rules, and no word of how it went": ({"rules": TWO}, (), True),
    "it failed": ({"rules": TWO, "artifacts": LISTED, "invocations": [{"executionSuccessful": False}]}, (), False),
    "files": ({"artifacts": LISTED}, ("a.py", "b.py"), True),
    "files of the tool itself": ({"artifacts": [{"location": {"uri": "x.log"}, "roles": ["attachment"]}]}, (), True),
    "no file": ({"artifacts": []}, (), True),
    "trouble with one file": (
        {
            "rules": TWO,
            "artifacts": LISTED,
            "invocations": [
                {
                    "executionSuccessful": True,
                    "toolExecutionNotifications": [
                        {**ERROR, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py"}}}]}
                    ],
                }
            ],
        },
        ("b.py",),
        True,
    ),
}


@pytest.mark.parametrize(("made", "scope", "finished"), SCOPES.values(), ids=SCOPES)
def test_what_was_looked_at(made: dict[str, Any], scope: tuple[str, ...], finished: bool) -> None:
    found = scan(run(**made))
    assert (found.scope, found.finished, found.findings) == (scope, finished, ())


def test_rules_that_are_listed_only_because_they_hit_are_no_rule_set() -> None:
    found = scan(run({"ruleId": "R"}, rules=[{"id": "R"}], invocations=WENT))
    assert (found.rule_ids, found.rules, found.scope) == ((), "", ())


def test_a_run_without_a_list_of_results_did_not_finish() -> None:
    found = report({"tool": {"driver": {"name": "t"}}, "results": None})
    assert [defect.code for defect in found.defects] == ["no-results"]
    assert found.content.finished is False  # type: ignore[union-attr]


def test_runs_of_one_tool_cover_what_any_did_and_of_several_what_each_did() -> None:
    one, other = [{"location": {"uri": "a.py"}}], [{"location": {"uri": "a.py"}}, {"location": {"uri": "b.py"}}]
    assert scan(run(artifacts=one), run(artifacts=other)).scope == ("a.py", "b.py")
    assert scan(run(artifacts=one), run(artifacts=other, name="u")).scope == ("a.py",)
    assert scan(run(artifacts=one), run()).scope == ()


KINDS = [
    (run(name="Semgrep OSS"), {}, ScanKind.SAST),
    (run(name="hadolint"), {}, ScanKind.INFRASTRUCTURE),
    (run(name="unknown"), {}, ScanKind.OTHER),
    (
        run(name="Trivy", rules=[{"id": "R", "properties": {"tags": ["vulnerability", "security"]}}]),
        {},
        ScanKind.DEPENDENCY,
    ),
    (run(name="unknown"), {"scan": "secret"}, ScanKind.SECRET),
    (run(name="unknown"), {"scan": "nonsense"}, ScanKind.OTHER),
]


@pytest.mark.parametrize(("made", "settings", "kind"), KINDS)
def test_what_it_looks_for(made: Any, settings: dict[str, str], kind: ScanKind) -> None:
    assert scan(made, **settings).kind is kind


def test_other_versions_and_files_without_a_run_are_not_read() -> None:
    for document, code in (
        ({"version": "2.0.0", "runs": [run()]}, "unknown-version"),
        ({"version": "2.1.0", "runs": []}, "empty"),
    ):
        found = read(Source(name="x", data=json.dumps(document).encode()))
        assert isinstance(found, Unreadable)
        assert found.code == code


def test_a_hundred_thousand_results_are_a_hundred_thousand_findings() -> None:
    assert len(scan(run(*[{"ruleId": "R", "locations": [AT]}] * 100_000)).findings) == 100_000


# What we write


def test_fourteen_hits_of_one_rule_in_one_line_are_written_as_fourteen() -> None:
    """awslabs/ferret-scan#328; and what is written is read as what it was."""
    findings = [
        Finding(rule="R", path="a b.py", line=1, column=number, severity=severity, message="m", secret="s3cret")
        for number, severity in enumerate([Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW] * 4)
    ][:14]
    data = written([(each, "code/1:abc#0") for each in findings], tool="plumbline", version="1", revision="f" * 40)
    assert b"s3cret" not in data
    found = read(Source(name="x", data=data))
    assert isinstance(found, Report)
    again = found.content.findings  # type: ignore[union-attr]
    assert [(one.rule, one.path, one.column, one.severity) for one in again] == [
        (one.rule, one.path, one.column, one.severity) for one in findings
    ]
    assert found.strict


def test_what_nobody_else_says_the_key_of_the_job_says() -> None:
    """A scanner that is not known, and whose rules have no tags; one that is known stays what it is."""
    run = {"tool": {"driver": {"name": "our-own"}}, "artifacts": [{"location": {"uri": "a.py"}}], "results": []}
    text = json.dumps({"version": "2.1.0", "runs": [run]}).encode()
    assert _kind_of(text, {}) is ScanKind.OTHER
    assert _kind_of(text, {"declared": "sast"}) is ScanKind.SAST
    assert _kind_of(text, {"declared": "nonsense"}) is ScanKind.OTHER
    assert _kind_of(text.replace(b"our-own", b"eslint"), {"declared": "sast"}) is ScanKind.QUALITY


def _kind_of(data: bytes, settings: dict[str, str]) -> ScanKind:
    report = read(Source(name="scan.sarif", data=data, settings=settings))
    assert isinstance(report, Report)
    assert isinstance(report.content, Findings)
    return report.content.kind
