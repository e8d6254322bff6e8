"""SARIF 2.1.0: results of static analysis, of one tool or several."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from plumbline.kernel import t
from plumbline.model.report import Finding, Findings, Report, ScanKind, Unreadable
from plumbline.reports.defects import Defects
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.sarif.artifacts import Artifacts
from plumbline.reports.sarif.results import Results
from plumbline.reports.sarif.rules import Rule, Rules
from plumbline.reports.scanners import kind_of
from plumbline.reports.values import at, listed, mapped, maps, text

EVERYTHING = "./"
_TAGS = {
    "vulnerability": ScanKind.DEPENDENCY,
    "secret": ScanKind.SECRET,
    "misconfiguration": ScanKind.INFRASTRUCTURE,
    "license": ScanKind.LICENCE,
    "security": ScanKind.SAST,
}


class _Run(msgspec.Struct, frozen=True, kw_only=True):
    tool: str
    version: str
    kind: ScanKind
    findings: list[Finding]
    scope: tuple[str, ...]
    rules: tuple[str, ...]
    rules_said: str
    finished: bool
    revision: str
    made: str


def marks(found: Marks) -> bool:
    schema = found.schema.lower()
    if found.shape != "json" or type(found.document) is not dict or "runs" not in found.document:
        return False
    runs = found.document["runs"]
    tools = type(runs) is list and all(type(at(run, "tool", "driver")) is dict for run in runs)
    return tools and ("sarif" in schema or text(found.document.get("version")).startswith("2."))


def read(source: Source, found: Marks) -> Report | Unreadable:
    document = found.document
    noted = Defects()
    version = text(document.get("version"), 40)
    if not version.startswith("2.1"):
        return Unreadable(
            code="unknown-version",
            message=t("SARIF {version} is not read; write SARIF 2.1.0.", version=version or "?"),
            format="sarif",
        )
    entries = listed(document.get("runs"))
    if not entries:
        return Unreadable(code="empty", message=t("There is no run in it, so no scan took place."), format="sarif")
    runs = [_run(source, entry, number, noted) for number, entry in enumerate(entries)]
    return Report(
        format="sarif",
        format_version=version,
        content=_together(runs),
        tool=", ".join(dict.fromkeys(run.tool for run in runs if run.tool)),
        tool_version=", ".join(dict.fromkeys(run.version for run in runs if run.version)),
        made=next((run.made for run in runs if run.made), ""),
        about=next((run.revision for run in runs if run.revision), ""),
        strict=not noted,
        defects=noted.all(),
    )


def _run(source: Source, entry: dict[str, Any], number: int, noted: Defects) -> _Run:
    driver = mapped(at(entry, "tool", "driver"))
    tool = text(driver.get("name"), 200)
    rules = Rules(entry)
    kind = _kind(source, tool, rules.all)
    root = source.settings.get("root", "")
    artifacts = Artifacts(entry, (root,) if root else ())
    results = entry.get("results")
    finished, troubled = _went_through(entry, number, noted)
    if type(results) is not list:
        noted.add("no-results", t("A run has no list of results, so it found out nothing."), f"/runs/{number}/results")
        results, finished = [], False
    findings = Results(rules, artifacts, kind, noted).read(results, number)
    applied = _applied(rules.all, findings)
    invoked = bool(listed(entry.get("invocations")))
    whole = invoked and finished and not troubled and bool(applied)
    scope = artifacts.looked_at() if finished else ()
    revisions = [text(control.get("revisionId"), 100) for control in maps(entry.get("versionControlProvenance"))]
    times = [text(each.get("endTimeUtc"), 40) for each in maps(entry.get("invocations"))]
    return _Run(
        tool=tool,
        version=text(driver.get("semanticVersion"), 100) or text(driver.get("version"), 100),
        kind=kind,
        findings=findings,
        scope=(EVERYTHING, *scope) if whole else tuple(path for path in scope if path not in troubled),
        rules=applied,
        rules_said=_rules_said(entry, applied),
        finished=finished,
        revision=next(filter(None, revisions), ""),
        made=next(filter(None, times), ""),
    )


def _went_through(entry: dict[str, Any], number: int, noted: Defects) -> tuple[bool, frozenset[str]]:
    """Whether the run says of no invocation that it failed; and the files that it had trouble with ("" is one that it
    does not name)."""
    finished, troubled = True, set()
    for count, invocation in enumerate(maps(entry.get("invocations"))):
        where = f"/runs/{number}/invocations/{count}"
        if invocation.get("executionSuccessful") is not True:
            finished = False
            noted.add("scan-failed", t("The tool does not say that it went through."), where)
        for notice in maps(invocation.get("toolExecutionNotifications")):
            if notice.get("level") == "error":
                said = text(at(notice, "message", "text"), 400)
                noted.add("tool-error", t("The tool had an error: {message}", message=said), where)
                locations = [at(each, "physicalLocation", "artifactLocation") for each in maps(notice.get("locations"))]
                troubled |= {text(at(each, "uri")) for each in locations} or {""}
    return finished, frozenset(troubled)


def _applied(rules: list[Rule], findings: list[Finding]) -> tuple[str, ...]:
    """The rules of a run that lists more than those it hit. Many tools list only these, which tells nothing of what
    was looked for."""
    names = {rule.id for rule in rules if rule.id}
    return tuple(sorted(names)) if names - {finding.rule for finding in findings} else ()


def _rules_said(entry: dict[str, Any], applied: tuple[str, ...]) -> str:
    """Versions of the extensions, else a digest of the names of the rules."""
    parts = [
        f"{text(part.get('name'), 200)}@{text(part.get('semanticVersion') or part.get('version'), 100)}"
        for part in maps(at(entry, "tool", "extensions"))
        if listed(part.get("rules")) and (part.get("semanticVersion") or part.get("version"))
    ]
    if parts:
        return " ".join(sorted(parts))[:1000]
    names = "\n".join(applied).encode()
    return f"sha256:{hashlib.sha256(names).hexdigest()}" if applied else ""


def _kind(source: Source, tool: str, rules: list[Rule]) -> ScanKind:
    """What a setting says; else what the tool is known for; else what all rules are tagged as; else what the job that
    left the file declares it to be."""
    said = source.settings.get("scan", "")
    if said in ScanKind.__members__.values():
        return ScanKind(said)
    known = kind_of(tool)
    if known is not ScanKind.OTHER:
        return known
    for tag, kind in _TAGS.items():
        if rules and all(tag in map(str.lower, rule.tags) for rule in rules):
            return kind
    declared = source.settings.get("declared", "")
    return ScanKind(declared) if declared in ScanKind.__members__.values() else ScanKind.OTHER


def _together(runs: list[_Run]) -> Findings:
    """All runs as one scan. Runs of one tool cover what any of them did; of several tools, only what each did; and
    nothing where one does not say."""
    one_tool = len({run.tool for run in runs}) == 1
    scopes = [set(run.scope) for run in runs]
    scope = set.union(*scopes) if one_tool else _shared(scopes)
    ruled = all(run.rules for run in runs)
    kinds = {run.kind for run in runs}
    return Findings(
        kind=kinds.pop() if len(kinds) == 1 else ScanKind.OTHER,
        findings=tuple(finding for run in runs for finding in run.findings),
        scope=tuple(sorted(scope)) if all(scopes) else (),
        rules=" ".join(dict.fromkeys(run.rules_said for run in runs if run.rules_said)),
        rule_ids=tuple(sorted({rule for run in runs for rule in run.rules})) if ruled else (),
        finished=all(run.finished for run in runs),
    )


def _shared(scopes: list[set[str]]) -> set[str]:
    bounded = [scope for scope in scopes if EVERYTHING not in scope]
    return set.intersection(*bounded) if bounded else {EVERYTHING}


PART = Parser(
    name="sarif",
    title=t("SARIF 2.1.0: results of static analysis"),
    marks=marks,
    read=read,
    gitlab=("sast", "dependency_scanning", "secret_detection", "container_scanning", "codequality"),
    paths=("**/*.sarif", "**/*.sarif.json"),
    reference="https://docs.oasis-open.org/sarif/sarif/v2.1.0/",
)
