"""What scans found: new ones against the target branch, those that were there, and what was looked for."""

from __future__ import annotations

from plumbline.gates.facts._fact import GateFact
from plumbline.judging.expressions import ValueType
from plumbline.kernel import Text, t

_WANTS = ("scan.sast", "scan.dependency", "scan.secret", "scan.container", "scan.dast", "scan.licence",
          "scan.infrastructure")  # fmt: skip
SEVERITIES = ("critical", "high", "medium", "low", "info", "unknown")
KINDS = ("sast", "dependency", "secret", "licence", "container", "dast", "infrastructure", "quality", "other")


def _counts(group: str, how: Text) -> tuple[GateFact, ...]:
    def fact(name: str, said: Text) -> GateFact:
        return GateFact(name=f"findings.{group}.{name}", type=ValueType.COUNT, unit="findings", how=said, wants=_WANTS)

    return (
        fact("total", how),
        *(fact(one, t("{those} Of severity {severity} alone.", those=how, severity=one)) for one in SEVERITIES),
        *(fact(one, t("{those} Of scans of the kind {kind} alone.", those=how, kind=one)) for one in KINDS),
    )


_NEW = t(
    "Open findings of the pipeline's scans that the target branch does not have; of a default branch, that its "
    "previous scan did not have. What people accepted or called a false alarm, as long as that holds, is left out."
)
_EXISTING = t(
    "Open findings of the pipeline's scans that were there before. What people accepted or called a false alarm, as "
    "long as that holds, is left out."
)
PART = (
    *_counts("new", _NEW),
    *_counts("existing", _EXISTING),
    GateFact(
        name="findings.secrets",
        type=ValueType.COUNT,
        unit="findings",
        how=t("Open findings of scans for secrets, new ones and those that were there before."),
        wants=("scan.secret",),
    ),
    GateFact(
        name="findings.waiting",
        type=ValueType.COUNT,
        unit="findings",
        how=t("Findings whose acceptance waits for a second person; until then they are open, and counted as such."),
        wants=_WANTS,
    ),
    GateFact(
        name="findings.scanned",
        type=ValueType.TEXTS,
        how=t(
            "Kinds of scans that finished in the pipeline and say what they looked at: sast, dependency, secret, "
            "licence, container, dast, infrastructure, quality, other. A scan that broke off, or whose report proves "
            "no scope, is not among them."
        ),
        wants=_WANTS,
    ),
)
