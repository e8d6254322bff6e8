"""Checkstyle XML, which many linters write: the files that were looked at, and what was found in each."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.report import Finding, Findings, Report, ScanKind, Severity, Unreadable
from plumbline.reports.defects import Defects
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.places import inside
from plumbline.reports.values import text, whole
from plumbline.reports.xml import Attributes, XmlStream

_SEVERITIES = {
    "error": Severity.HIGH,
    "fatal": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "info": Severity.LOW,
    "ignore": Severity.INFO,
}
_TOOLS = {
    "com.puppycrawl.tools.checkstyle": "checkstyle",
    "eslint.rules": "eslint",
    "detekt": "detekt",
    "Squiz": "phpcs",
    "PSR": "phpcs",
}


class _File:
    """Takes the elements as they come."""

    def __init__(self, root: str) -> None:
        self._root, self._said, self._path = root, "", ""
        self.defects, self.findings, self.files = Defects(), list[Finding](), set[str]()

    def file(self, attributes: Attributes) -> None:
        self._said = text(attributes.get("name"))
        self._path = inside(self._said, (self._root,))
        self.files.add(self._path)
        if not self._path:
            self.defects.add("outside", t("The path '{path}' is not in the repository.", path=self._said[:400]))

    def error(self, attributes: Attributes) -> None:
        rule, word = text(attributes.get("source"), 400), text(attributes.get("severity"), 40)
        if not rule:
            self.defects.add("no-rule", t("This finding does not say which rule it is of."), self._path)
        finding = Finding(
            rule=rule,
            message=text(attributes.get("message")),
            severity=_SEVERITIES.get(word.lower(), Severity.UNKNOWN),
            severity_said=word,
            path=self._path,
            line=whole(attributes.get("line")),
            end_line=whole(attributes.get("line")),
            column=whole(attributes.get("column")),
            object="" if self._path else self._said,
            suppressed="severity ignore" if word == "ignore" else "",
        )
        self.findings.append(finding)


def marks(found: Marks) -> bool:
    return found.shape == "xml" and found.root == "checkstyle"


def read(source: Source, found: Marks) -> Report | Unreadable:
    """Every file that is named was looked at, also one without an error; where none is named there is no data."""
    file = _File(source.settings.get("root", ""))
    failed = XmlStream({"file": file.file, "error": file.error}, {}).read(source.data)
    if failed:
        return failed
    tool = _tool(file.findings)
    return Report(
        format="checkstyle",
        content=Findings(kind=ScanKind.QUALITY, findings=tuple(file.findings), scope=tuple(sorted(file.files - {""}))),
        tool=tool,
        tool_version=text(found.attributes.get("version"), 40) if tool == "checkstyle" else "",
        strict=not file.defects,
        defects=file.defects.all(),
    )


def _tool(findings: list[Finding]) -> str:
    """By the names of its rules; the version that other tools write is one of this format."""
    for beginning, tool in _TOOLS.items():
        if findings and all(finding.rule.startswith(beginning) for finding in findings):
            return tool
    return ""


PART = Parser(
    name="checkstyle",
    title=t("Checkstyle XML: code quality"),
    marks=marks,
    read=read,
    gitlab=("codequality",),
    paths=("**/checkstyle-result.xml", "**/build/reports/checkstyle/*.xml", "**/checkstyle.xml"),
    reference="https://checkstyle.org/",
)
