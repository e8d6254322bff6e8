"""Reports that somebody brought: whatever they hold, it is the word of whoever brought them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.contracts.kinds import kinds
from plumbline.contracts.kinds._pieces import about, commit, digest, number, piece, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.contracts.kinds._kind import Told
    from plumbline.model.contract import Evidence

UPLOAD = "report.added"
_HOLDS = {
    "tests": "test-report",
    "coverage": "coverage",
    "load": "measurement",
    "measures": "measurement",
    "mutation": "mutation",
    "advisories": "vex",
    "attested": "attestation",
}
_COUNTS: dict[str, dict[str, tuple[str, ...]]] = {
    "test-report": {"cases": ("total",), "executed": ("passed", "failed"), "failed": ("failed",),
                    "skipped": ("skipped",), "errors": ("errors",)},
    "coverage": {"lines": ("lines",)},
    "mutation": {"mutants": ("killed", "survived", "not_covered")},
    "sbom.cyclonedx": {"components": ("components",)},
    "sbom.spdx": {"components": ("components",)},
}  # fmt: skip


def read_upload(told: Told) -> tuple[Evidence, ...]:
    """``report.added`` as evidence; of what could not be read, as what it was added for."""
    said = told.view.content
    person, sender = text(said, "person"), text(said, "sender")
    word = f"person:{person}" if person else f"source:{sender}" if sender else ""
    subjects = about(commit=commit(said, "commit"), run=text(said, "run").partition("/")[0])
    return tuple(
        piece(
            told,
            name,
            subjects,
            counts=_counts(name, said.get("counts")),
            word=word,
            digest=digest(said, "digest"),
            tool=text(said, "tool"),
            covers=texts(said, "covers"),
            problem=_problem(name, said),
        )
        for name in _kinds_of(said)
    )


def _kinds_of(said: dict[str, Any]) -> Iterable[str]:
    holds, format_ = text(said, "holds"), text(said, "format")
    if holds == "findings":
        name = f"scan.{text(said, 'scan')}"
    elif holds == "components":
        name = "sbom.spdx" if format_.startswith("spdx") else "sbom.cyclonedx"
    elif holds:
        name = _HOLDS.get(holds, "")
    else:
        key = text(said, "kind")
        return [kind.name for kind in kinds().values() if key in (*kind.reports, kind.name)]
    return [name] if name in kinds() else []


def _counts(name: str, said: Any) -> dict[str, float]:
    if name.startswith("scan."):
        found = {"findings": number(said, "findings"), "looked_at": number(said, "scope")}
        return {count: value for count, value in found.items() if value is not None}
    sums = {}
    for count, fields in _COUNTS.get(name, {}).items():
        values = [number(said, field) for field in fields]
        if all(value is not None for value in values):
            sums[count] = sum(value for value in values if value is not None)
    return sums


def _problem(name: str, said: dict[str, Any]) -> str:
    if problem := text(said, "problem"):
        return problem if problem.replace("-", "").isalnum() else "not-believed"
    if not text(said, "holds"):
        return "unreadable"
    if not name.startswith("scan."):
        return ""
    findings = number(said.get("counts"), "findings")
    if findings is None:
        return "no-counts"
    if findings:
        return ""
    if not text(said, "tool"):
        return "no-tool"
    if not (text(said, "rulesVersion") or text(said, "toolVersion")):
        return "no-rules"
    return "" if texts(said, "covers") else "no-scope"
