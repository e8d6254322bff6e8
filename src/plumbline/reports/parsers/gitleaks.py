"""Gitleaks 8 JSON: a bare array of leaks, whose mark is its first leak."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import t
from plumbline.model.report import Finding, Findings, Report, ScanKind, Unreadable
from plumbline.reports.defects import Defects
from plumbline.reports.identifiers import all_named
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.places import inside
from plumbline.reports.values import mapped, secret, text, texts, whole


def marks(found: Marks) -> bool:
    if found.shape != "json" or type(found.document) is not list or not found.document:
        return False
    first = mapped(found.document[0])
    return "RuleID" in first and "File" in first and ("Secret" in first or "Match" in first)


def read(source: Source, found: Marks) -> Report | Unreadable:
    """The report says nothing of files without a leak, nor of rules: it opens findings, and closes none."""
    defects, findings = Defects(), []
    root = source.settings.get("root", "")
    for number, leak in enumerate(found.document):
        if type(leak) is not dict or type(leak.get("RuleID")) is not str:
            defects.add("no-rule", t("This finding does not say which rule it is of."), f"/{number}")
            continue
        finding = _finding(leak, root)
        if not finding.path:
            defects.add("outside", t("The path '{path}' is not in the repository.", path=finding.object), f"/{number}")
        findings.append(finding)
    return Report(
        format="gitleaks",
        content=Findings(kind=ScanKind.SECRET, findings=tuple(findings)),
        tool="gitleaks",
        format_version="8",
        strict=not defects,
        defects=defects.all(),
    )


def _finding(leak: dict[str, Any], root: str) -> Finding:
    said = text(leak.get("File"))
    path = inside(said, (root,))
    commit = text(leak.get("Commit"), 64)
    return Finding(
        rule=text(leak.get("RuleID"), 400),
        message=text(leak.get("Description"), 1000),
        path=path,
        line=whole(leak.get("StartLine")),
        end_line=whole(leak.get("EndLine")),
        column=whole(leak.get("StartColumn")),
        identifiers=all_named(texts(leak.get("Tags"))),
        object=(f"commit {commit}" if commit else "") if path else said,
        secret=secret(leak.get("Secret")),
        tool_fingerprint=text(leak.get("Fingerprint"), 400),
    )


PART = Parser(
    name="gitleaks",
    title=t("Gitleaks: secrets in a repository"),
    marks=marks,
    read=read,
    gitlab=("secret_detection",),
    paths=("**/gitleaks*.json",),
    reference="https://github.com/gitleaks/gitleaks#reporting",
)
