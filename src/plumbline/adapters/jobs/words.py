"""How the end of a script and its time are told."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from plumbline.adapters.jobs.holding import SIGNALED
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.kernel import Text


def status(code: int) -> Text:
    """An exit status, with the name of the signal that a shell would tell by it."""
    if code > SIGNALED:
        try:
            return t("exit status {code} ({signal})", code=code, signal=signal.Signals(code - SIGNALED).name)
        except ValueError:
            pass
    return t("exit status {code}", code=code)


def spoken(seconds: float) -> str:
    """``1h 5m 3s``; below a minute with its decimals."""
    if seconds < 60:
        return f"{seconds:g}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (rest, "s"))
    return " ".join(f"{amount}{unit}" for amount, unit in parts if amount)
