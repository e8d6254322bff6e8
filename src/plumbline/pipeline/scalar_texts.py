"""Texts, numbers and truth values: what counts as one, and the text that GitLab makes of it."""

from __future__ import annotations

from typing import Any


def is_scalar(value: Any) -> bool:
    """Whether it is a text, a number or a truth value."""
    return isinstance(value, (str, bool, int, float))


def as_text(value: str | bool | int | float) -> str:
    """A scalar as the text GitLab makes of it: ``true``, ``1.1``, ``1.0e+16``."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(value)
    return str(value)


def _float_text(value: float) -> str:
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    text = repr(value)
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}.0e{exponent}" if e and "." not in mantissa else text
