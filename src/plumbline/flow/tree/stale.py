"""Whoever changes something changes what they saw: what somebody else changed meanwhile is said first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_unchanged(seen: Mapping[str, object], now: Mapping[str, object]) -> None:
    """``seen``: by name, as it was shown; None: it was not set. Ask inside the transaction that changes it.

    Raises PlumblineError ``changed-meanwhile``, with what it was and what it is.
    """
    changed = [name for name, value in seen.items() if (now.get(name) or None) != (value or None)]
    if not changed:
        return
    told = "; ".join(f"{name}: {_shown(seen[name])} → {_shown(now.get(name))}" for name in changed)
    raise PlumblineError(
        "changed-meanwhile",
        t("Somebody changed this since the page was loaded: {changes}.", changes=told),
        t("The page shows what holds now. Send the form again where you still mean it."),
        kind=ErrorKind.REFUSED,
    )


def _shown(value: object) -> str:
    if value is None or value == "":
        return "–"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"'{text}'"
