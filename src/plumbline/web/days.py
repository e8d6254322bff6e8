"""Days as forms have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.web.page import Ask


def day_on(ask: Ask, name: str) -> int | None:
    """The last second of the day that was chosen, as microseconds; None where none was. Raises PlumblineError
    ``day-wrong``."""
    text = ask.text(name).strip()
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        message = t("'{text}' is not a day.", text=text)
        raise PlumblineError("day-wrong", message, t("Write 2027-12-31."), kind=ErrorKind.CONFIGURATION) from None
    return int((day + timedelta(days=1, seconds=-1)).timestamp() * 1_000_000)
