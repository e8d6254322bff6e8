"""Which language a caller reads."""

from __future__ import annotations

_MANY = 20  # languages that are looked at


def language_of(accepted: str) -> str:
    """A language for :func:`~plumbline.kernel.text.in_language`, from an Accept-Language header: the one with the
    highest weight that we have; English where there is none."""
    best, weight = "en", 0.0
    for part in accepted.split(",")[:_MANY]:
        name, _, parameters = part.strip().partition(";")
        language = name.strip().lower().partition("-")[0]
        if language in ("en", "zh") and (found := _weight(parameters)) > weight:
            best, weight = language, found
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return max(0.0, min(1.0, float(value)))
    except ValueError:
        return 0.0
