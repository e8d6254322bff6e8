"""What was refused to whom goes into the ledger, but nobody can fill a disk by being refused."""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)
QUIET = 60_000_000  # microseconds in which the same refusal is only counted
MANY = 1000  # different refusals in that time; further ones are counted together


class Refusal(NamedTuple):
    """Something that was not allowed. ``times``: how often since it was last told, this time included."""

    operation: str  # what was asked for
    code: str  # why not
    person: str  # empty: nobody who could prove who they are
    address: str
    times: int = 1


OTHERS = Refusal("", "many-refusals", "", "")


class Refusals:
    """The first of its kind is recorded at once, repetitions once a minute with their number."""

    def __init__(self, record: Callable[[Refusal, int], None]) -> None:
        self._record = record
        self._lock = Lock()
        self._told: dict[Refusal, tuple[int, int]] = {}  # when it was told, how many came since

    def refused(self, refusal: Refusal, now: int, tell: Callable[[], None] | None = None, free: int = 1) -> None:
        """Record it, or count it; ``tell`` records a single one in words of its own, ``free`` so many of a kind before
        they are counted. A store that cannot record does not make a refusal something else: it is counted, and told
        with the next one of its kind."""
        counted = self._counted(refusal, now, free)
        if counted is None:
            return
        try:
            if tell is not None and counted == refusal:
                tell()
            else:
                self._record(counted, now)
        except PlumblineError as error:
            _log.error("a refusal could not be recorded: %s", error.message, extra={"fields": {"code": error.code}})
            with self._lock:
                key = counted._replace(times=1)
                self._told[key] = (0, counted.times + self._told.get(key, (0, 0))[1])

    def _counted(self, refusal: Refusal, now: int, free: int) -> Refusal | None:
        """What to tell of now."""
        with self._lock:
            if refusal not in self._told and len(self._told) >= MANY:
                self._make_room(now)
                if len(self._told) >= MANY:
                    refusal = OTHERS
            told, since = self._told.get(refusal, (0, 0))
            if told and 0 <= now - told < QUIET:
                self._told[refusal] = (told, since + 1)
                return refusal if since + 1 < free else None
            self._told[refusal] = (now, 0)
            return refusal._replace(times=1 + max(0, since - (free - 1) if told else since))

    def _make_room(self, now: int) -> None:
        """Forget those that came to rest; what was counted of them is counted with the others."""
        resting = [
            (key, since) for key, (told, since) in self._told.items() if not 0 <= now - told < QUIET and key != OTHERS
        ]
        told, counted = self._told.get(OTHERS, (0, 0))
        for key, since in resting:
            del self._told[key]
            counted += since
        if counted:
            self._told[OTHERS] = (told, counted)
