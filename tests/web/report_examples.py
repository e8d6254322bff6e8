"""Reports of every kind, as two pipelines of one branch leave them: what pages of tests, coverage, interfaces and
findings are looked at with."""

from __future__ import annotations

import json

from plumbline.model.job import State

EVAL = ("python.lang.eval", "error", "src/ledger.py", 5, "eval of what somebody sent")
MD5 = ("python.lang.md5", "warning", "src/ledger.py", 9, "MD5 is broken")
SQL = ("python.sql.injection", "error", "src/interest.py", 2, "a query is put together from text")
CONTRACT = json.dumps({
    "openapi": "3.0.3", "info": {"title": "Accounts", "version": "1.2.0"},
    "paths": {"/accounts/{id}": {"get": {}, "delete": {}}, "/accounts": {"get": {}, "post": {}}},
})  # fmt: skip
CALLS = "\n".join(json.dumps({"plumbline": kind, **more}) for kind, more in (
    ("call", {"verb": "GET", "name": "/accounts/42", "status": 200, "test": "reads an account"}),
    ("call", {"verb": "POST", "name": "/accounts", "status": 201, "test": "opens an account"}),
    ("call", {"verb": "PUT", "name": "/accounts/42", "status": 200, "test": "opens an account"}),
    ("test", {"test": "reads an account", "outcome": "passed", "assertions": 2}),
    ("test", {"test": "opens an account", "outcome": "passed", "assertions": 0}),
))  # fmt: skip
BILL = json.dumps({
    "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
        {"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}", "bom-ref": name,
         "licenses": [{"license": {"id": "Apache-2.0"}}]}
        for name, version in (("requests", "2.32.0"), ("urllib3", "2.2.1"))],
    "dependencies": [{"ref": "requests", "dependsOn": ["urllib3"]}],
})  # fmt: skip
MANY = 60  # cases, so that a list has a second part


def junit(*cases, name="pytest"):
    return f'<testsuites><testsuite name="{name}">{"".join(cases)}</testsuite></testsuites>'


def case(name, inside="", *, seconds="0.02", where="tests.test_ledger.TestLedger"):
    return f'<testcase classname="{where}" name="{name}" time="{seconds}">{inside}</testcase>'


def failed(name, message="assert 3 == 4", **more):
    told = "tests/test_ledger.py:7: AssertionError\n&gt; assert total == 4\nE  where 3 = sum(...)"
    return case(name, f'<failure message="{message}">{told}</failure>', **more)


def skipped(name):
    return case(name, '<skipped message="no network here"/>')


def retried(name):
    """It failed, and passed when it was run again at once."""
    return case(name, '<flakyFailure message="timed out" type="TimeoutError">later</flakyFailure>')


def cobertura(hits):
    """``hits``: path -> the lines, each with how often it was reached."""
    files = "".join(
        f'<class name="{path}" filename="{path}" line-rate="0"><methods/><lines>'
        + "".join(f'<line number="{line}" hits="{count}"/>' for line, count in lines.items())
        + "</lines></class>"
        for path, lines in hits.items()
    )
    return (
        '<?xml version="1.0"?><coverage version="7.6" line-rate="0.5" branch-rate="0" timestamp="1" lines-valid="0" '
        'lines-covered="0" branches-covered="0" branches-valid="0" complexity="0"><sources><source>.</source></sources>'
        f'<packages><package name="ledger"><classes>{files}</classes></package></packages></coverage>'
    )


def furnish_reports(bank):
    """The names in braces of page_examples.EXAMPLES."""
    before = _ended(bank, [case("test_posts"), failed("test_rounds", seconds="1.2"), case("test_carries")], [EVAL, MD5])
    told = _ended(bank, [
        case("test_posts"), failed("test_rounds", seconds="1.2"), failed("test_carries", seconds="0.8"),
        skipped("test_fetches"), retried("test_waits"),
        *(case(f"test_amount[{number}-CNY]", seconds=f"0.{number:03}") for number in range(MANY)),
    ], [EVAL, SQL])  # fmt: skip
    with bank.store.view() as tx:
        cases = {one.name: one.id for one in tx.tests.find(3, "test_", 100)}
        finding = max(one.id for one in tx.findings.of_project(3))
        covers = next(one.id for one in tx.reports.of_pipelines([told]) if one.holds == "coverage")
    return {
        "covers": covers,
        "finding": finding,
        "told": told,
        "before": before,
        "bad_case": cases["test_carries"],
        "good_case": cases["test_posts"],
    }


def _ended(bank, cases, found):
    made = bank.add_pipeline(
        3, {"unit tests": "test", "interface tests": "test", "scan": "test"}, message="Round half to even"
    )
    coverage = cobertura({"src/ledger.py": {1: 4, 2: 4, 5: 0, 6: 0}, "src/interest.py": {1: 1, 2: 1}})
    bank.end(made.id, "unit tests", State.FAILED, exit_code=1, layer="unit", reports=(
        ("junit", "reports/junit.xml", junit(*cases)),
        ("coverage_report", "coverage.xml", coverage),
    ))  # fmt: skip
    bank.end(made.id, "interface tests", layer="interface", reports=(
        ("openapi", "openapi.json", CONTRACT),
        ("plumbline_calls", "calls.jsonl", CALLS),
        ("cyclonedx", "bom.json", BILL),
        ("junit", "interface.xml", junit(case("reads an account", where="accounts"), name="jest")),
        ("junit", "broken.xml", "<testsuite><testcase"),
    ))  # fmt: skip
    bank.end(made.id, "scan", reports=(
        ("sast", "scan.sarif", sarif(*found)),
        ("secret_detection", "secrets.json", "[]"),
    ))  # fmt: skip
    return made.id


def sarif(*results, rules="3.1"):
    """``results``: rule, level, path, line, message."""
    found = [
        {
            "ruleId": rule, "level": level, "message": {"text": message},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": path}, "region": {"startLine": line}}}],
        }
        for rule, level, path, line, message in results
    ]  # fmt: skip
    driver = {
        "name": "semgrep",
        "semanticVersion": rules,
        "rules": [{"id": one} for one in {row[0] for row in results}],
    }
    return json.dumps({
        "version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [{
            "tool": {"driver": driver}, "results": found, "invocations": [{"executionSuccessful": True}],
            "artifacts": [{"location": {"uri": "src/ledger.py"}}, {"location": {"uri": "src/interest.py"}}],
        }],
    })  # fmt: skip
