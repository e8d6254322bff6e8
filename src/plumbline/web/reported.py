"""What results of tests, severities of findings and stages of artifacts are called, and what they look like.

A shape and a word for each, so that colour is never the only sign.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from plumbline.kernel import t
from plumbline.model.artifact import Stage
from plumbline.model.report import CaseOutcome, Layer, ScanKind, Severity
from plumbline.web.words import SECOND, duration

if TYPE_CHECKING:
    from plumbline.kernel import Text

_RING = '<circle cx="8" cy="8" r="6.25" class="ring"/>'
_DISC = '<circle cx="8" cy="8" r="7.25" class="disc"/>'
_SQUARE = '<rect x="1" y="1" width="14" height="14" rx="3" class="disc"/>'
_TRIANGLE = '<path d="M8 1.2L15.4 14.2H.6z" class="disc"/>'
_UNKNOWN = '<circle cx="8" cy="8" r="6.25" class="ring dashed"/>'
_MARK = '<path d="M8 5v4M8 11.2v.01" class="sign"/>'
_QUESTION = '<path d="M6.2 6.4a1.9 1.9 0 1 1 2.6 1.8c-.6.3-.8.6-.8 1.2M8 11.6v.01"/>'

OUTCOMES: dict[CaseOutcome, Text] = {
    CaseOutcome.PASSED: t("passed"),
    CaseOutcome.FAILED: t("failed"),
    CaseOutcome.ERROR: t("error"),
    CaseOutcome.SKIPPED: t("skipped"),
}
LAYERS: dict[Layer, Text] = {
    Layer.UNIT: t("unit"),
    Layer.COMPONENT: t("component"),
    Layer.INTERFACE: t("interface"),
    Layer.USER: t("user-level"),
    Layer.UNKNOWN: t("layer not said"),
}
SEVERITIES: dict[Severity, Text] = {
    Severity.CRITICAL: t("critical"),
    Severity.HIGH: t("high"),
    Severity.MEDIUM: t("medium"),
    Severity.LOW: t("low"),
    Severity.INFO: t("info"),
    Severity.UNKNOWN: t("severity not said"),
}
SCANS: dict[ScanKind, Text] = {
    ScanKind.SAST: t("code (SAST)"),
    ScanKind.DEPENDENCY: t("dependencies"),
    ScanKind.SECRET: t("secrets"),
    ScanKind.LICENCE: t("licences"),
    ScanKind.CONTAINER: t("container images"),
    ScanKind.DAST: t("running system (DAST)"),
    ScanKind.INFRASTRUCTURE: t("infrastructure as code"),
    ScanKind.QUALITY: t("code quality"),
    ScanKind.OTHER: t("something else"),
}
STAGES: dict[Stage, Text] = {
    Stage.BUILT: t("built"),
    Stage.TESTED: t("tested"),
    Stage.SCANNED: t("scanned"),
    Stage.ACCEPTED: t("accepted"),
    Stage.RELEASED: t("released"),
}
_OUTCOME_LOOKS: dict[CaseOutcome, tuple[str, str]] = {  # class that gives the colour, and what is drawn
    CaseOutcome.PASSED: ("s-success", f'{_DISC}<path d="M4.7 8.3l2.2 2.2 4.4-4.7" class="sign"/>'),
    CaseOutcome.FAILED: ("s-failed", f'{_SQUARE}<path d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6" class="sign"/>'),
    CaseOutcome.ERROR: ("s-failed", f'{_TRIANGLE}<path d="M8 6v4M8 12.2v.01" class="sign"/>'),
    CaseOutcome.SKIPPED: ("s-skipped", f'{_RING}<path d="M5 5.5L7.5 8 5 10.5M8.5 5.5L11 8l-2.5 2.5"/>'),
}
_SEVERITY_LOOKS: dict[Severity, tuple[str, str]] = {
    Severity.CRITICAL: ("s-failed", f"{_SQUARE}{_MARK}"),
    Severity.HIGH: ("s-failed", f'{_TRIANGLE}<path d="M8 6v4M8 12.2v.01" class="sign"/>'),
    Severity.MEDIUM: ("s-warning", '<path d="M8 .8L15.2 8 8 15.2.8 8z" class="disc"/>' + _MARK),
    Severity.LOW: ("s-running", f'{_RING}<path d="M8 5v6M5.5 8.6L8 11l2.5-2.4"/>'),
    Severity.INFO: ("s-skipped", f'{_RING}<path d="M8 7.2v4M8 4.8v.01"/>'),
    Severity.UNKNOWN: ("s-skipped", f"{_UNKNOWN}{_QUESTION}"),
}


def case_outcome(outcome: str) -> Markup:
    """Sign and word of a result of a test."""
    kind = CaseOutcome(outcome)
    return _drawn(*_OUTCOME_LOOKS[kind], str(OUTCOMES[kind]))


def severity(level: str, count: int | None = None) -> Markup:
    """Sign and word of a severity; with a count the word is said to those who cannot see the sign."""
    kind = Severity(level)
    return _drawn(*_SEVERITY_LOOKS[kind], str(SEVERITIES[kind]), count)


def severity_rank(level: str) -> int:
    """The worse, the smaller."""
    return list(SEVERITIES).index(Severity(level))


def stage_earned(stage: str, *, earned: bool) -> Markup:
    """Sign and word of a stage of an artifact: earned, or not yet."""
    look = ("s-success", _OUTCOME_LOOKS[CaseOutcome.PASSED][1]) if earned else ("s-none", _UNKNOWN)
    return _drawn(*look, str(STAGES[Stage(stage)]))


def layer_title(layer: str) -> str:
    return str(LAYERS[Layer(layer)])


def scan_title(kind: str) -> str:
    return str(SCANS[ScanKind(kind)])


def percent(part: float, whole: float) -> str:
    """``81.3 %``; never rounded up to all, nor down to nothing."""
    if whole <= 0:
        return "–"
    share = part * 100 / whole
    if 0 < share < 0.1:
        return "< 0.1 %"
    if 99.9 < share < 100:
        return "> 99.9 %"
    return f"{share:.0f} %" if share in (0, 100) else f"{share:.1f} %"


def took(seconds: float) -> str:
    """How long a test took: most take less than a tenth of a second."""
    return duration(seconds * SECOND) if seconds >= 1 else str(t("{count} ms", count=round(seconds * 1000)))


def _drawn(look: str, shape: str, word: str, count: int | None = None) -> Markup:
    sign = Markup('<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">{}</svg>').format(Markup(shape))  # noqa: S704 - ours
    if count is None:
        return Markup('<span class="state {}">{}<span>{}</span></span>').format(look, sign, word)
    made = Markup('<span class="state {}" title="{}">{}<span class="hidden">{}</span><span>{}</span></span>')
    return made.format(look, word, sign, word, f"{count:,}")


def digest(text: str) -> str:
    """The beginning of a digest, with the name of its algorithm where that is not the usual one."""
    algorithm, colon, rest = text.partition(":")
    if not colon:
        return text[:12]
    return rest[:12] if algorithm == "sha256" else f"{algorithm}:{rest[:12]}"
