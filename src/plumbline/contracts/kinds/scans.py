"""Scans. One that found nothing counts only where it says who looked, by which rules, and at what."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from plumbline.contracts.kinds._kind import EvidenceKind
from plumbline.contracts.kinds._pieces import about, commit, digest, number, numbers, piece, ran_in, text, texts
from plumbline.kernel import t
from plumbline.model.contract import SubjectKind

if TYPE_CHECKING:
    from plumbline.contracts.kinds._kind import Told
    from plumbline.model.contract import Evidence

_SEVERITIES = ("critical", "high", "medium", "low", "info", "unknown")
_TITLES = {
    "sast": t("Scan of the source"),
    "dependency": t("Scan of dependencies"),
    "secret": t("Scan for secrets"),
    "container": t("Scan of images"),
    "dast": t("Scan of what runs"),
    "licence": t("Scan of licences"),
    "infrastructure": t("Scan of infrastructure as code"),
}
_REPORTS = {
    "sast": ("sast",),
    "dependency": ("dependency_scanning",),
    "secret": ("secret_detection",),
    "container": ("container_scanning", "cluster_image_scanning"),
    "dast": ("dast", "api_fuzzing"),
    "licence": ("license_scanning",),
    "infrastructure": ("sast", "terraform"),
}


def _read(kind: str, told: Told) -> tuple[Evidence, ...]:
    said = told.view.content
    if text(said, "kind") != kind:
        return ()
    found = said.get("findings")
    counts = {}
    if isinstance(found, dict):
        counts = {name: number(found, name) or 0.0 for name in _SEVERITIES}
        counts["findings"] = sum(counts.values())
    subjects = about(commit=commit(said, "commit"), artifact=digest(said, "digest"), **ran_in(told))
    covers = texts(said, "covers")
    made = piece(
        told,
        f"scan.{kind}",
        subjects,
        counts={**counts, **numbers(said, {"looked_at": "lookedAt"})},
        digest=digest(said, "report"),
        tool=text(said, "tool"),
        covers=covers,
        problem=_problem(told, counts, covers),
    )
    return (made,)


def _problem(told: Told, counts: dict[str, float], covers: tuple[str, ...]) -> str:
    """Of a scan that found nothing, or does not say what it found."""
    said = told.view.content
    if text(said, "outcome") in ("error", "cancel"):
        return "not-finished"
    if not counts:
        return "no-counts"
    if counts["findings"]:
        return ""
    if not text(said, "tool"):
        return "no-tool"
    if not (text(said, "rules") or text(said, "rulesVersion") or text(said, "toolVersion")):
        return "no-rules"
    return "" if covers else "no-scope"


def _kind(name: str) -> EvidenceKind:
    return EvidenceKind(
        name=f"scan.{name}",
        title=_TITLES[name],
        of=(SubjectKind.COMMIT, SubjectKind.ARTIFACT),
        told_by=("scan.finished",),
        read=partial(_read, name),
        counts=("findings", "looked_at", *_SEVERITIES),
        scoped=True,
        reports=_REPORTS[name],
    )


PART = tuple(map(_kind, _TITLES))
