"""TruffleHog 3 JSON: one secret a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.report import Finding, Findings, Report, ScanKind, Severity, Unreadable
from plumbline.reports.defects import Defects
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.places import inside
from plumbline.reports.values import at, listed, mapped, text, whole
from plumbline.reports.values import secret as value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOOKED_AT = 20  # lines, of which the first may be the tool's log


def marks(found: Marks) -> bool:
    return any("DetectorName" in line and "SourceMetadata" in line for line in map(mapped, _lines(found)[:_LOOKED_AT]))


def read(source: Source, found: Marks) -> Report | Unreadable:
    """A secret that was tried out and works is critical; of another one nobody knows. Nothing is said of what was
    looked at, so such a report closes nothing."""
    defects, findings = Defects(), []
    root = source.settings.get("root", "")
    for number, line in enumerate(_lines(found), 1):
        secret = mapped(line)
        if "level" in secret and "msg" in secret:
            continue  # the tool's log
        if type(secret.get("DetectorName")) is not str or type(secret.get("SourceMetadata")) is not dict:
            defects.add("no-rule", t("This finding does not say which rule it is of."), str(number))
            continue
        findings.append(_finding(secret, root))
    return Report(
        format="trufflehog",
        content=Findings(kind=ScanKind.SECRET, findings=tuple(findings)),
        tool="trufflehog",
        format_version="3",
        strict=not defects,
        defects=defects.all(),
    )


def _lines(found: Marks) -> list[Any]:
    """A file of one line alone looks like one document."""
    if found.shape == "jsonl":
        return listed(found.document)
    return [found.document] if found.shape == "json" and type(found.document) is dict else []


def _finding(secret: Mapping[str, Any], root: str) -> Finding:
    data = mapped(at(secret, "SourceMetadata", "Data"))
    kind = next(iter(data), "")
    where = mapped(data.get(kind))
    said = text(where.get("file"))
    path = inside(said, (root,))
    verified = secret.get("Verified") is True
    commit = text(where.get("commit"), 64)
    elsewhere = text(where.get("link")) or text(where.get("image")) or said
    decoder = text(secret.get("DecoderName"), 100)
    return Finding(
        rule=text(secret.get("DetectorName"), 400),
        title=text(secret.get("DetectorDescription"), 1000),
        message=f"{kind}, {decoder}" if decoder else text(kind, 100),
        severity=Severity.CRITICAL if verified else Severity.UNKNOWN,
        severity_said="verified" if verified else "unverified",
        path=path,
        line=whole(where.get("line")),
        end_line=whole(where.get("line")),
        object=(f"commit {commit}" if commit else "") if path else elsewhere,
        image=text(where.get("image")),
        secret=value_of(secret.get("RawV2")) or value_of(secret.get("Raw")),
    )


PART = Parser(
    name="trufflehog",
    title=t("TruffleHog 3: secrets in a repository or an image"),
    marks=marks,
    read=read,
    gitlab=("secret_detection",),
    paths=("**/trufflehog*.json", "**/trufflehog*.jsonl"),
    reference="https://github.com/trufflesecurity/trufflehog",
)
