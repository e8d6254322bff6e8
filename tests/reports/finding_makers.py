"""Short ways to make findings, scans and what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.model.report import Finding, Findings, Report, ScanKind
from plumbline.reports.findings.matching import Known
from plumbline.reports.findings.scans import scan_of
from plumbline.reports.findings.signatures import Signed, signed

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = b"of this installation"
RULES = ("r1", "r2")


def scan(
    *findings: Finding, tool: str = "tool", version: str = "1", kind: ScanKind = ScanKind.SAST, **more: Any
) -> Report:
    """A scan of everything with rules that it names."""
    said: dict[str, Any] = {"scope": ("./",), "rule_ids": RULES, **more}
    content = Findings(kind=kind, findings=findings, **said)
    return Report(format="x", tool=tool, tool_version=version, content=content)


def hit(rule: str = "r1", path: str = "a.py", line: int = 1, **more: Any) -> Finding:
    return Finding(rule=rule, path=path, line=line, **more)


def sign(report: Report, files: Mapping[str, list[str]] | None = None) -> tuple[Signed, ...]:
    return signed(report, lines_of=(files or {}).get, key=KEY)


def known(report: Report, files: Mapping[str, list[str]] | None = None) -> list[Known]:
    """What is kept after a first scan; ids from 1 in the order of the signed findings."""
    source = scan_of(report)
    assert source is not None
    return [
        Known(
            id=number,
            rule=each.finding.rule,
            signatures=each.signatures,
            places=each.places,
            severity=each.finding.severity,
            scan=source,
        )
        for number, each in enumerate(sign(report, files), 1)
    ]
