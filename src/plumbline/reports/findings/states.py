"""The states of a finding, and the only moves between them.

1. A finding has one state; what is a duplicate is never open as well.
2. A report opens, fixes and misses findings; it never takes back what a person decided.
3. An acceptance has an owner, a reason, an approver and an end. When it ends the finding is open again, due later than
   that; meanwhile its clock stands still.
4. What was accepted or called false, and was fixed, is so again when it comes back, as long as that holds.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from plumbline.kernel import ErrorKind, PlumblineError, t

DAY = 86_400_000_000  # microseconds
GRACE = 7 * DAY  # after the end of an acceptance
LONGEST = 365 * DAY  # of an acceptance, where no policy says less


class State(StrEnum):
    OPEN = "open"
    FIXED = "fixed"  # a later scan that could have seen it did not
    UNSEEN = "unseen"  # a later scan did not have it, and could not tell
    ACCEPTED = "accepted"
    FALSE_POSITIVE = "false_positive"
    DUPLICATE = "duplicate"


class Act(StrEnum):
    """What moves a finding. The first three are a report's, ``EXPIRE`` is the clock's, the others a person's."""

    SEE = "see"
    FIX = "fix"
    MISS = "miss"
    EXPIRE = "expire"
    ACCEPT = "accept"
    CALL_FALSE = "call_false"
    CALL_DUPLICATE = "call_duplicate"
    CONFIRM = "confirm"  # that one that is unseen is fixed
    REOPEN = "reopen"


MOVES: dict[State, frozenset[Act]] = {
    State.OPEN: frozenset((Act.SEE, Act.FIX, Act.MISS, Act.ACCEPT, Act.CALL_FALSE, Act.CALL_DUPLICATE)),
    State.UNSEEN: frozenset((Act.SEE, Act.FIX, Act.MISS, Act.ACCEPT, Act.CALL_FALSE, Act.CALL_DUPLICATE, Act.CONFIRM)),
    State.FIXED: frozenset((Act.SEE, Act.FIX, Act.MISS, Act.EXPIRE, Act.REOPEN)),
    State.ACCEPTED: frozenset(
        (Act.SEE, Act.FIX, Act.MISS, Act.EXPIRE, Act.ACCEPT, Act.CALL_FALSE, Act.CALL_DUPLICATE, Act.REOPEN)
    ),
    State.FALSE_POSITIVE: frozenset((Act.SEE, Act.FIX, Act.MISS, Act.REOPEN)),
    State.DUPLICATE: frozenset((Act.SEE, Act.FIX, Act.MISS, Act.REOPEN)),
}


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """An exception: who answers for it, why, who agreed, and until when (microseconds)."""

    owner: str
    reason: str
    approver: str
    until: int


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a finding stands; times are microseconds. ``due`` 0: nobody set one. ``paused``: for how long its clock stood
    still, without the pause that began at ``paused_at`` (0: it runs)."""

    state: State = State.OPEN
    opened: int
    due: int = 0
    acceptance: Acceptance | None = None
    duplicate_of: int = 0
    false: bool = False  # it was called false, also where it is fixed now
    paused: int = 0
    paused_at: int = 0

    def age(self, now: int) -> int:
        """Since it was first seen."""
        return max(now - self.opened, 0)

    def counted_age(self, now: int) -> int:
        """The same without the time for which it was accepted."""
        still = now - self.paused_at if self.paused_at else 0
        return max(self.age(now) - self.paused - still, 0)


def see(standing: Standing, now: int) -> Standing:
    """A scan has it. What comes back after it was fixed has no date until a policy sets one."""
    _allow(standing, Act.SEE)
    if standing.state is State.FIXED:
        if standing.false:
            return _moved(standing, State.FALSE_POSITIVE)
        if standing.acceptance is not None and standing.acceptance.until > now:
            return _paused(_moved(standing, State.ACCEPTED), now)
        return msgspec.structs.replace(_reopened(standing), due=0)
    return _moved(standing, State.OPEN) if standing.state is State.UNSEEN else standing


def fix(standing: Standing, now: int) -> Standing:
    """A scan that could have seen it does not have it. What was decided about it is kept."""
    _allow(standing, Act.FIX)
    return standing if standing.state is State.DUPLICATE else _moved(_running(standing, now), State.FIXED)


def miss(standing: Standing) -> Standing:
    """A scan that does not have it could not tell."""
    _allow(standing, Act.MISS)
    return _moved(standing, State.UNSEEN) if standing.state is State.OPEN else standing


def accept(standing: Standing, acceptance: Acceptance, now: int) -> Standing:
    """Accept it, or accept it longer; one that had expired is accepted again."""
    _allow(standing, Act.ACCEPT)
    if not all(said.strip() for said in (acceptance.owner, acceptance.reason, acceptance.approver)):
        raise PlumblineError(
            "acceptance-incomplete",
            t("An acceptance needs an owner, a reason and an approver."),
            kind=ErrorKind.REFUSED,
        )
    if acceptance.until <= now:
        raise PlumblineError("acceptance-ended", t("An acceptance has to end in the future."), kind=ErrorKind.REFUSED)
    return msgspec.structs.replace(_paused(standing, now), state=State.ACCEPTED, acceptance=acceptance, false=False)


def bounded(until: int, now: int, longest: int = LONGEST) -> int:
    """The end of an acceptance: none said (0) or one too late is the latest that a policy allows."""
    return min(until, now + longest) if until else now + longest


def expire(standing: Standing, now: int, grace: int = GRACE) -> Standing:
    """Open it again if its acceptance has ended; it is due ``grace`` after that, and never in the past."""
    acceptance = standing.acceptance
    if acceptance is None or acceptance.until > now:
        return standing
    if standing.state is not State.ACCEPTED:
        return msgspec.structs.replace(standing, acceptance=None)
    due = max(acceptance.until, now) + grace
    return msgspec.structs.replace(
        _running(standing, min(acceptance.until, now)), state=State.OPEN, acceptance=None, due=due
    )


def call_false(standing: Standing, now: int) -> Standing:
    _allow(standing, Act.CALL_FALSE)
    changed = _running(standing, now)
    return msgspec.structs.replace(changed, state=State.FALSE_POSITIVE, acceptance=None, false=True)


def call_duplicate(standing: Standing, of: int, original: Standing, now: int) -> Standing:
    """``of``: the id of the original, which is no duplicate itself; whether that is open, fixed or decided is its own
    matter, now and later."""
    _allow(standing, Act.CALL_DUPLICATE)
    if original.state is State.DUPLICATE:
        raise PlumblineError(
            "duplicate-of-duplicate",
            t("The other finding is a duplicate itself; name the one that it is a duplicate of."),
            kind=ErrorKind.REFUSED,
        )
    changed = _running(standing, now)
    return msgspec.structs.replace(changed, state=State.DUPLICATE, acceptance=None, duplicate_of=of)


def confirm(standing: Standing) -> Standing:
    """A person says that one which is unseen is fixed."""
    _allow(standing, Act.CONFIRM)
    return _moved(standing, State.FIXED)


def reopen(standing: Standing, now: int) -> Standing:
    """A person takes back what was decided."""
    _allow(standing, Act.REOPEN)
    return _reopened(_running(standing, now))


def _allow(standing: Standing, act: Act) -> None:
    if act not in MOVES[standing.state]:
        raise PlumblineError(
            "finding-state",
            t("A finding that is '{state}' cannot take '{act}'.", state=standing.state.value, act=act.value),
            kind=ErrorKind.REFUSED,
        )


def _moved(standing: Standing, state: State) -> Standing:
    return msgspec.structs.replace(standing, state=state)


def _reopened(standing: Standing) -> Standing:
    return msgspec.structs.replace(standing, state=State.OPEN, acceptance=None, false=False, duplicate_of=0)


def _paused(standing: Standing, now: int) -> Standing:
    return standing if standing.paused_at else msgspec.structs.replace(standing, paused_at=now)


def _running(standing: Standing, now: int) -> Standing:
    """With its clock running again."""
    if not standing.paused_at:
        return standing
    return msgspec.structs.replace(standing, paused=standing.paused + max(now - standing.paused_at, 0), paused_at=0)
