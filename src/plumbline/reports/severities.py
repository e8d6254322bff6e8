"""Scores and common words as severities; what is not in the table of a format is unknown, never low."""

from __future__ import annotations

from plumbline.model.report import Severity

WORDS = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "moderate": Severity.MEDIUM,
    "low": Severity.LOW,
    "info": Severity.INFO,
    "informational": Severity.INFO,
    "negligible": Severity.LOW,
}


def by_word(said: str) -> Severity:
    return WORDS.get(said.lower(), Severity.UNKNOWN)


_BANDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))


def by_score(score: float) -> Severity:
    """CVSS's own bands, 3.0 and later."""
    if not 0 <= score <= 10:
        return Severity.UNKNOWN
    return next((severity for least, severity in _BANDS if score >= least), Severity.INFO)
