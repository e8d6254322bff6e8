"""How fast a source may send: in bursts, and so much a second over time. Each server counts for itself."""

from __future__ import annotations

from threading import Lock

from plumbline.kernel import ErrorKind, PlumblineError, t

BURST = 8 << 20  # bytes
RATE = 4 << 20  # bytes a second
EACH = 512  # bytes that an event counts at least


class Pace:
    """A bucket for each source, filled by the clock. Safe to use from several threads."""

    def __init__(self, burst: int = BURST, rate: int = RATE) -> None:
        self._burst = burst
        self._rate = rate
        self._left: dict[str, tuple[float, int]] = {}  # bytes left at a time
        self._lock = Lock()

    def take(self, who: str, size: int, now: int) -> int:
        """Seconds to wait; 0: it may. ``now``: microseconds; ``size``: bytes, of which at most a burst counts."""
        size = min(max(size, EACH), self._burst)
        with self._lock:
            left, before = self._left.get(who, (float(self._burst), now))
            left = min(float(self._burst), left + max(0, now - before) * self._rate / 1_000_000)
            if left < size:
                self._left[who] = left, now
                return int((size - left) / self._rate) + 1
            self._left[who] = left - size, now
            return 0


class TooFastError(PlumblineError):
    """``retry_after``: seconds."""

    retry_after = 1


def check_pace(pace: Pace, who: str, size: int, now: int) -> None:
    """Raises PlumblineError ``source-too-fast``."""
    seconds = pace.take(who, size, now)
    if seconds:
        error = TooFastError(
            "source-too-fast",
            t("The source sends faster than is taken here; wait {seconds} s.", seconds=seconds),
            t("Nothing of this delivery was taken in: send it again."),
            kind=ErrorKind.REFUSED,
        )
        error.retry_after = seconds
        raise error
