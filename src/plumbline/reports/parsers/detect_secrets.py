"""The baseline of detect-secrets: the secrets that it knows of, by file, with digests in place of their values."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.kernel import t
from plumbline.model.report import Finding, Findings, Report, ScanKind, Severity, Unreadable
from plumbline.reports.defects import Defects
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.places import inside
from plumbline.reports.values import listed, maps, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterator


def marks(found: Marks) -> bool:
    if found.shape != "json" or type(found.document) is not dict:
        return False
    return type(found.document.get("results")) is dict and type(found.document.get("plugins_used")) is list


def read(source: Source, found: Marks) -> Report | Unreadable:
    """The files that were looked at and hold no secret are not in a baseline: an empty one is no data."""
    document, defects = found.document, Defects()
    findings = tuple(_findings(source, document["results"], defects))
    return Report(
        format="detect_secrets",
        format_version=text(document.get("version"), 40),
        content=Findings(kind=ScanKind.SECRET, findings=findings, rules=_rules(document)),
        tool="detect-secrets",
        tool_version=text(document.get("version"), 40),
        made=text(document.get("generated_at"), 40),
        strict=not defects,
        defects=defects.all(),
    )


def _rules(document: dict[str, Any]) -> str:
    """A digest of the plugins and filters with their settings."""
    used = (listed(document["plugins_used"]), listed(document.get("filters_used")))
    return f"sha256:{hashlib.sha256(msgspec.json.encode(used, order='sorted')).hexdigest()}"


def _findings(source: Source, results: dict[str, Any], defects: Defects) -> Iterator[Finding]:
    root = source.settings.get("root", "")
    for name, hits in results.items():
        path = inside(name, (root,))
        if not path:
            defects.add("outside", t("The path '{path}' is not in the repository.", path=text(name, 400)))
        for hit in maps(hits):
            yield _finding(hit, path, text(name))


def _finding(hit: dict[str, Any], path: str, said: str) -> Finding:
    """The digest that stands for a value is treated as the value: short secrets can be guessed from it."""
    digest = text(hit.get("hashed_secret"), 200)
    verified = hit.get("is_verified") is True
    return Finding(
        rule=text(hit.get("type"), 400),
        severity=Severity.CRITICAL if verified else Severity.UNKNOWN,
        severity_said="verified" if verified else "",
        path=path,
        line=whole(hit.get("line_number")),
        end_line=whole(hit.get("line_number")),
        object="" if path else said,
        suppressed="audited: no secret" if hit.get("is_secret") is False else "",
        secret=f"sha1:{digest}" if digest else "",
    )


PART = Parser(
    name="detect_secrets",
    title=t("Baseline of detect-secrets: known secrets"),
    marks=marks,
    read=read,
    gitlab=("secret_detection",),
    paths=("**/.secrets.baseline",),
    reference="https://github.com/Yelp/detect-secrets",
)
