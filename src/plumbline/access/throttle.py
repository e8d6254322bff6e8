"""How long to wait after failed sign-ins."""

from __future__ import annotations

import msgspec

from plumbline.model.person import Failures

SECOND = 1_000_000  # microseconds


class Throttle(msgspec.Struct, frozen=True, kw_only=True):
    """So many failures are free; each one more doubles the wait from one second on; at ``lock`` it is the longest."""

    free: int
    lock: int
    longest: int = 15 * 60 * SECOND
    forgotten: int = 24 * 60 * 60 * SECOND  # failures older than this no longer count


FOR_ACCOUNT = Throttle(free=3, lock=10)
FOR_ADDRESS = Throttle(free=20, lock=100)


def counted(failures: Failures, now: int, throttle: Throttle) -> int:
    """The failures that still count. Those of a time that is further ahead than anybody waits were written by a clock
    that was wrong: else nobody would be heard until then."""
    return failures.count if -throttle.longest <= now - failures.last < throttle.forgotten else 0


def wait_after(failures: Failures, now: int, throttle: Throttle) -> int:
    """Microseconds until the next attempt is heard; 0: now. A clock that went back does not make it longer than the
    whole wait."""
    count = counted(failures, now, throttle)
    if count < throttle.free:
        return 0
    whole = throttle.longest if count >= throttle.lock else min(SECOND << (count - throttle.free), throttle.longest)
    return min(whole, max(0, failures.last + whole - now))
