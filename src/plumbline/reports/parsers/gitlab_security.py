"""GitLab's security reports: one format for static analysis, dependencies, secrets, containers and running systems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.report import Finding, Findings, Report, ScanKind, Unreadable
from plumbline.reports.defects import Defects
from plumbline.reports.gitlab_packages import package_url
from plumbline.reports.identifiers import all_named
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.places import inside
from plumbline.reports.severities import by_word
from plumbline.reports.values import at, listed, mapped, maps, text, whole
from plumbline.reports.values import secret as value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS = {
    "sast": ScanKind.SAST,
    "dependency_scanning": ScanKind.DEPENDENCY,
    "secret_detection": ScanKind.SECRET,
    "container_scanning": ScanKind.CONTAINER,
    "cluster_image_scanning": ScanKind.CONTAINER,
    "dast": ScanKind.DAST,
    "api_fuzzing": ScanKind.DAST,
    "coverage_fuzzing": ScanKind.OTHER,
}
EVERYTHING = "./"


def marks(found: Marks) -> bool:
    """Since version 14 the block ``scan`` says the kind; before, each vulnerability says its own."""
    if found.shape != "json" or type(found.document) is not dict:
        return False
    document = found.document
    entries = document.get("vulnerabilities")
    if type(entries) is not list or type(document.get("version")) is not str:
        return False
    if type(at(document, "scan", "type")) is str:
        return True
    first = mapped(entries[0]) if entries else {}
    return first.get("category") in _KINDS and "identifiers" in first and "location" in first


def read(source: Source, found: Marks) -> Report | Unreadable:
    document, defects = found.document, Defects()
    scan = mapped(document.get("scan"))
    entries = document["vulnerabilities"]
    said = text(scan.get("type"), 60) or text(at(mapped(entries[0]), "category") if entries else "", 60)
    if said not in _KINDS:
        return Unreadable(
            code="unknown-scan",
            message=t("Scans of the type '{type}' are not read.", type=said),
            format="gitlab_security",
        )
    status = text(scan.get("status"), 40)
    if scan and status != "success":
        defects.add("scan-failed", t("The scan does not say that it went through, but '{status}'.", status=status))
    findings = tuple(_findings(source, document, _KINDS[said], defects))
    rules = {text(at(entry, "value"), 400) for entry in maps(scan.get("primary_identifiers"))} - {""}
    tool = mapped(scan.get("scanner")) or mapped(at(mapped(entries[0]), "scanner") if entries else {})
    finished = status == "success" or not scan
    return Report(
        format="gitlab_security",
        format_version=text(document.get("version"), 40),
        content=Findings(
            kind=_KINDS[said],
            findings=findings,
            scope=_scope(source, document, scan, _KINDS[said]) if finished and scan else (),
            rule_ids=tuple(sorted(rules)),
            finished=finished,
        ),
        tool=text(tool.get("id"), 200) or text(tool.get("name"), 200),
        tool_version=text(tool.get("version"), 100),
        made=text(scan.get("end_time"), 40),
        strict=not defects,
        defects=defects.all(),
    )


def _scope(source: Source, document: dict[str, Any], scan: dict[str, Any], kind: ScanKind) -> tuple[str, ...]:
    """What the report names as looked at, given that it names who looked. Rules that were applied to the working copy
    are taken for all of it."""
    if not text(at(scan, "scanner", "id")) or not text(at(scan, "analyzer", "id")):
        return ()
    root = source.settings.get("root", "")
    found = {text(entry.get("url")) for entry in maps(scan.get("scanned_resources"))}
    found |= {inside(text(entry.get("path")), (root,)) for entry in maps(document.get("dependency_files"))}
    if kind in (ScanKind.SAST, ScanKind.SECRET) and listed(scan.get("primary_identifiers")):
        found.add(EVERYTHING)
    return tuple(sorted(found - {""}))


def _findings(source: Source, document: dict[str, Any], kind: ScanKind, defects: Defects) -> Iterator[Finding]:
    root = source.settings.get("root", "")
    managers = {text(e.get("path")): text(e.get("package_manager")) for e in maps(document.get("dependency_files"))}
    seen = set()
    for number, entry in enumerate(document["vulnerabilities"]):
        where = f"/vulnerabilities/{number}"
        if type(entry) is not dict:
            defects.add("no-issue", t("This entry is no object."), where)
            continue
        finding = _finding(entry, kind, root, managers)
        if not finding.rule:
            defects.add("no-rule", t("This finding does not say which rule it is of."), where)
        if finding.tool_fingerprint in seen:
            defects.add("duplicate-id", t("Another entry has the same identifier."), where)
        if finding.tool_fingerprint:
            seen.add(finding.tool_fingerprint)
        yield finding


def _finding(entry: dict[str, Any], kind: ScanKind, root: str, managers: dict[str, str]) -> Finding:
    location = mapped(entry.get("location"))
    said = text(location.get("file"))
    path = inside(said, (root,))
    identifiers = [mapped(each) for each in listed(entry.get("identifiers"))]
    primary = identifiers[0] if identifiers else {}
    extract = text(entry.get("raw_source_code_extract"))
    secret = kind is ScanKind.SECRET
    address = text(location.get("hostname")) + text(location.get("path"))
    method = text(location.get("method"), 20)
    word = text(entry.get("severity"), 40)
    message = text(entry.get("description")) or text(entry.get("message"))
    return Finding(
        rule=text(primary.get("value"), 400) or text(primary.get("name"), 400) or text(entry.get("cve"), 400),
        title=text(entry.get("name"), 1000) or text(entry.get("message"), 1000),
        message=message.replace(extract, "***") if secret and extract.strip() else message,
        severity=by_word(word),
        severity_said=word,
        path=path,
        line=whole(location.get("start_line")),
        end_line=whole(location.get("end_line")) or whole(location.get("start_line")),
        snippet="" if secret else extract,
        identifiers=all_named(text(each.get(key)) for each in identifiers for key in ("name", "value")),
        package=package_url(location, managers.get(said, "")),
        image=text(location.get("image")),
        object=f"{method} {address}".strip() or ("" if path else said),
        secret=value_of(extract) if secret else "",
        tool_fingerprint=text(entry.get("id"), 400),
    )


PART = Parser(
    name="gitlab_security",
    title=t("GitLab security report: code, dependencies, secrets, containers, running systems"),
    marks=marks,
    read=read,
    gitlab=(
        "sast",
        "dependency_scanning",
        "secret_detection",
        "container_scanning",
        "cluster_image_scanning",
        "dast",
        "api_fuzzing",
        "coverage_fuzzing",
    ),
    paths=("**/gl-*-report.json",),
    reference="https://gitlab.com/gitlab-org/security-products/security-report-schemas",
)
