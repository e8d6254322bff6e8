"""Times, lengths and sizes as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

from plumbline.kernel import t

SECOND = 1_000_000  # microseconds


def duration(micros: float) -> str:
    """``0.4 s``, ``12 s``, ``3m 05s``, ``1h 02m``: never to be mistaken for a time of day."""
    seconds = max(0.0, micros / SECOND)
    if seconds < 9.95:
        return str(t("{number} s", number=f"{seconds:.1f}"))
    if seconds < 59.5:
        return str(t("{number} s", number=f"{seconds:.0f}"))
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return str(t("{hours}h {minutes}m", hours=hours, minutes=f"{minutes:02}"))
    return str(t("{minutes}m {seconds}s", minutes=minutes, seconds=f"{rest:02}"))


def ago(micros: int, now: int) -> str:
    seconds = (now - micros) // SECOND
    if seconds < 60:
        return str(t("just now"))
    if seconds < 3600:
        return str(t("{count} min ago", count=seconds // 60))
    if seconds < 86_400:
        return str(t("{count} h ago", count=seconds // 3600))
    if seconds < 86_400 * 60:
        return str(t("{count} d ago", count=seconds // 86_400))
    return moment(micros)[:10]


def until(micros: int, now: int) -> str:
    """How long it takes from now on."""
    seconds = max(0, micros - now) // SECOND
    if seconds < 60:
        return str(t("in less than a minute"))
    if seconds < 3600:
        return str(t("in {count} min", count=seconds // 60))
    if seconds < 86_400 * 2:
        return str(t("in {count} h", count=seconds // 3600))
    return str(t("in {count} d", count=seconds // 86_400))


def moment(micros: int) -> str:
    """UTC; the page shows it in the reader's own time zone where scripts run."""
    return datetime.fromtimestamp(micros / SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S")


def size(count: int) -> str:
    amount = float(count)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"
