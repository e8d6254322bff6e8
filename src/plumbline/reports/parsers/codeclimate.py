"""Code Climate issues, which GitLab takes as a report of code quality: a bare array, whose mark is its first issue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.report import Finding, Findings, Report, ScanKind, Severity, Unreadable
from plumbline.reports.defects import Defects
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.places import inside
from plumbline.reports.values import at, mapped, text, texts, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEVERITIES = {
    "blocker": Severity.CRITICAL,
    "critical": Severity.HIGH,
    "major": Severity.MEDIUM,
    "minor": Severity.LOW,
    "info": Severity.INFO,
}


def marks(found: Marks) -> bool:
    if found.shape != "json" or type(found.document) is not list or not found.document:
        return False
    first = mapped(found.document[0])
    named = "check_name" in first or "fingerprint" in first
    return named and "description" in first and type(at(first, "location", "path")) is str


def read(source: Source, found: Marks) -> Report | Unreadable:
    """An empty array is no report of this format: nothing in it says what it is or what was looked at."""
    defects = Defects()
    findings = tuple(_findings(source, found.document, defects))
    tools = {text(mapped(issue).get("engine_name"), 200) for issue in found.document} - {""}
    return Report(
        format="codeclimate",
        content=Findings(kind=ScanKind.QUALITY, findings=findings),
        tool=tools.pop() if len(tools) == 1 else "",
        strict=not defects,
        defects=defects.all(),
    )


def _findings(source: Source, issues: list[Any], defects: Defects) -> Iterator[Finding]:
    root = source.settings.get("root", "")
    seen = set()
    for number, issue in enumerate(issues):
        if type(issue) is not dict:
            defects.add("no-issue", t("This entry is no object."), f"/{number}")
            continue
        if issue.get("type", "issue") != "issue":
            continue  # a measurement
        finding = _finding(issue, root)
        if not finding.rule:
            defects.add("no-rule", t("This finding does not say which rule it is of."), f"/{number}/check_name")
        if not finding.path:
            defects.add("outside", t("The path '{path}' is not in the repository.", path=finding.object), f"/{number}")
        if finding.tool_fingerprint in seen:
            defects.add("duplicate-id", t("Another entry has the same identifier."), f"/{number}/fingerprint")
        if finding.tool_fingerprint:
            seen.add(finding.tool_fingerprint)
        yield finding


def _finding(issue: dict[str, Any], root: str) -> Finding:
    location = mapped(issue.get("location"))
    said = text(location.get("path"))
    path = inside(said, (root,))
    begin, end = at(location, "lines", "begin"), at(location, "lines", "end")
    column: Any = None
    if begin is None:
        begin, end = at(location, "positions", "begin"), at(location, "positions", "end")
    if type(begin) is dict:
        position: dict[str, Any] = begin
        begin, column = position.get("line"), position.get("column")
    if type(end) is dict:
        end = end.get("line")
    word = text(issue.get("severity"), 40)
    return Finding(
        rule=text(issue.get("check_name"), 400),
        title=", ".join(texts(issue.get("categories"))),
        message=text(issue.get("description")),
        severity=_SEVERITIES.get(word.lower(), Severity.UNKNOWN),
        severity_said=word,
        path=path,
        line=whole(begin),
        end_line=whole(end) or whole(begin),
        column=whole(column),
        object="" if path else said,
        tool_fingerprint=text(issue.get("fingerprint"), 400),
    )


PART = Parser(
    name="codeclimate",
    title=t("Code Climate issues: code quality"),
    marks=marks,
    read=read,
    gitlab=("codequality",),
    paths=("**/gl-code-quality-report.json", "**/codeclimate.json"),
    reference="https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format",
)
