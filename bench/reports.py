"""Reading reports, beside the bare parsing of the same bytes."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING
from xml.etree.ElementTree import iterparse

from bench.measure import CommandError, Figure, against_peer, alternate
from plumbline.model.report import Findings, Report, TestRun
from plumbline.reports.parser import Source
from plumbline.reports.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JUNIT_BYTES = 50_000_000
SARIF_BYTES = 20_000_000
TRACE = "\n".join(
    f"    def test_{n}(self):\n&gt;       assert balance == {n}\nE       assert 0 == {n}" for n in range(40)
)


def junit(_: Path) -> Iterator[Figure]:
    """50 MB as pytest writes them: one case of fifty failed and has a trace of 3 kB."""
    data, cases = _junit()

    def ours() -> None:
        found = read(Source(name="junit.xml", data=data))
        if not isinstance(found, Report) or not isinstance(found.content, TestRun) or len(found.content.cases) != cases:
            raise CommandError("the report was not read as it was written")

    def peer() -> None:
        for _, element in iterparse(io.BytesIO(data)):
            element.clear()

    own, bare = alternate([ours, peer], rounds=5)
    note = f"{cases:,} cases in {len(data) / 1e6:.0f} MB, median of 5 in turn"
    yield against_peer("JUnit of 50 MB", "s", own, bare, 2.5, "iterparse", note)


def _junit() -> tuple[bytes, int]:
    pieces, size, number = ['<testsuites name="pytest tests"><testsuite name="pytest">'], 0, 0
    while size < JUNIT_BYTES:
        number += 1
        case = (
            f'<testcase classname="tests.unit.bank.test_ledger_{number // 200}.TestLedger" '
            f'name="test_transfer_between_accounts[case-{number % 200}]" time="0.{number % 1000:03d}"'
        )
        if number % 50:
            pieces.append(f"{case} />")
        else:
            pieces.append(f'{case}><failure message="AssertionError: {number}">{TRACE}</failure></testcase>')
        size += len(pieces[-1])
    return "".join([*pieces, "</testsuite></testsuites>"]).encode(), number


def sarif(_: Path) -> Iterator[Figure]:
    """20 MB as static analysis writes them: 200 rules, and of each result its place, snippet and fingerprint."""
    data, results = _sarif()

    def ours() -> None:
        found = read(Source(name="a.sarif", data=data))
        content = found.content if isinstance(found, Report) else None
        if not isinstance(content, Findings) or len(content.findings) != results:
            raise CommandError("the report was not read as it was written")

    def peer() -> None:
        json.loads(data)

    own, bare = alternate([ours, peer], rounds=5)
    note = f"{results:,} results in {len(data) / 1e6:.0f} MB, median of 5 in turn"
    yield against_peer("SARIF of 20 MB", "s", own, bare, 2.5, "json", note)


def _sarif() -> tuple[bytes, int]:
    rules = [
        {
            "id": f"python.security.rule-{number}",
            "shortDescription": {"text": f"Rule {number} of the bank"},
            "defaultConfiguration": {"level": "error"},
            "properties": {"tags": [f"CWE-{number}", "security"], "security-severity": "7.5"},
        }
        for number in range(200)
    ]
    results, size = list[object](), 0
    while size < SARIF_BYTES:
        number = len(results)
        region = {"startLine": number % 900 + 1, "startColumn": 5, "endLine": number % 900 + 1, "endColumn": 40}
        place = {
            "artifactLocation": {"uri": f"src/bank/ledger/module_{number // 40}.py", "uriBaseId": "%SRCROOT%"},
            "region": {**region, "snippet": {"text": f"    return os.system(command_{number})"}},
        }
        result = {
            "ruleId": f"python.security.rule-{number % 200}",
            "ruleIndex": number % 200,
            "message": {"text": f"A command is built from what a caller sent; it could be any other: {number}."},
            "locations": [{"physicalLocation": place}],
            "partialFingerprints": {"primaryLocationLineHash": f"{number:016x}:1"},
        }
        results.append(result)
        size += len(json.dumps(result))
    run = {"tool": {"driver": {"name": "semgrep", "semanticVersion": "1.2.3", "rules": rules}}, "results": results}
    return json.dumps({"version": "2.1.0", "runs": [run]}).encode(), len(results)
