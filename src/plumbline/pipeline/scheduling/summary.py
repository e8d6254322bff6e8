"""The summary state of a set of jobs: of a stage, of a pipeline, or of what comes before a job."""

from __future__ import annotations

from functools import cache

from plumbline.model.job import FINISHED, State

# What a job counts as in a summary, one bit each: its own state, or one of two more for a job that may fail.
_BITS = {state: 1 << place for place, state in enumerate(State)}
WARNING = 1 << len(_BITS)  # it was allowed to fail, and it failed or was canceled
IGNORED = WARNING << 1  # it is manual and allowed to fail: nobody waits for it
UNFINISHED = _BITS[State.PENDING]  # stands for every unfinished state where only that it is unfinished matters

_CREATED, _WAITING, _PREPARING, _PENDING, _RUNNING = (
    _BITS[state] for state in (State.CREATED, State.WAITING_FOR_RESOURCE, State.PREPARING, State.PENDING, State.RUNNING)
)
_SUCCESS, _FAILED, _CANCELING, _CANCELED, _SKIPPED, _MANUAL, _SCHEDULED = (
    _BITS[state]
    for state in (
        State.SUCCESS,
        State.FAILED,
        State.CANCELING,
        State.CANCELED,
        State.SKIPPED,
        State.MANUAL,
        State.SCHEDULED,
    )
)
_QUIET = WARNING | IGNORED

_PLAIN = {state: _BITS[state] for state in State}
_ALLOWED = _PLAIN | {State.FAILED: WARNING, State.CANCELED: WARNING, State.MANUAL: IGNORED}
_NEED_PLAIN = {state: bit if state in FINISHED else UNFINISHED for state, bit in _PLAIN.items()}
_NEED_ALLOWED = {state: bit if state in FINISHED or bit == IGNORED else UNFINISHED for state, bit in _ALLOWED.items()}


def kinds(allow_failure: bool) -> dict[State, int]:
    """What a job counts as, by its state."""
    return _ALLOWED if allow_failure else _PLAIN


def need_kinds(allow_failure: bool) -> dict[State, int]:
    """The same for one that needs it, who does not tell the unfinished states apart."""
    return _NEED_ALLOWED if allow_failure else _NEED_PLAIN


@cache
def bits(states: frozenset[State]) -> int:
    """The kinds of jobs in one of these states, allowed to fail or not."""
    mask = 0
    for state in states:
        mask |= _PLAIN[state] | _ALLOWED[state]
    return mask


@cache
def summarize(mask: int, *, needs: bool = False) -> State:
    """The state of a set of jobs of which ``mask`` says what they count as; of the needs of a job with ``needs``.

    The first line that fits decides; the order is the meaning.
    """
    if needs and mask & (_SKIPPED | IGNORED):
        return State.SKIPPED
    if needs and mask & ~(_SUCCESS | _FAILED | _CANCELED | WARNING):
        return State.PENDING
    for allowed, state in _ONLY:
        if mask and not mask & ~allowed:
            return state
    for wanted, state in _ANY:
        if mask & wanted:
            return state
    return State.FAILED if mask else State.SUCCESS


_ONLY = (
    (_SKIPPED | IGNORED, State.SKIPPED),
    (_SUCCESS | _SKIPPED | _QUIET, State.SUCCESS),
    (_CREATED | _QUIET, State.CREATED),
    (_PREPARING | _QUIET, State.PREPARING),
    (_CANCELED | _SUCCESS | _SKIPPED | _QUIET, State.CANCELED),
    (_PENDING | _CREATED | _SKIPPED | _QUIET, State.PENDING),
)
_ANY = (
    (_RUNNING | _PENDING, State.RUNNING),
    (_CANCELING, State.CANCELING),  # an attempt that is being stopped is not over: later stages wait for it
    (_WAITING, State.WAITING_FOR_RESOURCE),
    (_MANUAL, State.MANUAL),
    (_SCHEDULED, State.SCHEDULED),
    (_PREPARING, State.PREPARING),
    (_CREATED, State.RUNNING),
)


class Tally:
    """How many jobs of a set count as what; ``mask`` has the bit of every kind that is there at all."""

    __slots__ = ("counts", "mask")

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.mask = 0

    def add(self, kind: int, count: int = 1) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + count
        self.mask |= kind

    def move(self, before: int, after: int) -> None:
        """One job counts as ``after`` instead of ``before``."""
        counts = self.counts
        left = counts[before] - 1
        counts[before] = left
        if not left:
            self.mask &= ~before
        counts[after] = counts.get(after, 0) + 1
        self.mask |= after

    def merge(self, other: Tally) -> None:
        for kind, count in other.counts.items():
            if count:
                self.add(kind, count)
