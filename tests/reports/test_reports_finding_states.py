"""The states of a finding: only the listed moves, one state each, and a report never takes back a decision."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from plumbline.kernel import PlumblineError
from plumbline.reports.findings import states
from plumbline.reports.findings.states import DAY, GRACE, LONGEST, Acceptance, Standing, State

NEW = Standing(opened=0)
DECIDED = (State.ACCEPTED, State.FALSE_POSITIVE)


def until(end: int) -> Acceptance:
    return Acceptance(owner="wang", reason="no input from outside", approver="li", until=end)


ACCEPTED = states.accept(NEW, until(10 * DAY), DAY)
FALSE = states.call_false(NEW, DAY)


@pytest.mark.parametrize("decided", [ACCEPTED, FALSE], ids=["accepted", "false"])
def test_a_later_report_never_reopens_what_was_decided(decided: Standing) -> None:
    """django-DefectDojo PR#2526."""
    assert states.see(decided, 2 * DAY) == decided
    assert states.miss(decided) == decided
    fixed = states.fix(decided, 2 * DAY)
    assert fixed.state is State.FIXED
    assert states.see(fixed, 3 * DAY).state is decided.state


def test_what_was_fixed_and_comes_back_is_open() -> None:
    assert states.see(states.fix(NEW, DAY), 2 * DAY).state is State.OPEN


def test_what_comes_back_after_its_acceptance_ended_is_open() -> None:
    assert states.see(states.fix(ACCEPTED, 2 * DAY), 11 * DAY).state is State.OPEN


def test_closing_a_duplicate_neither_closes_nor_hides_the_original() -> None:
    """django-DefectDojo#11227: the original is another value, and what happens to a duplicate is not told to it."""
    duplicate = states.call_duplicate(NEW, 7, NEW, DAY)
    assert states.fix(duplicate, 2 * DAY) == duplicate
    assert (duplicate.state, duplicate.duplicate_of) == (State.DUPLICATE, 7)


def test_a_duplicate_of_a_duplicate_is_refused() -> None:
    with pytest.raises(PlumblineError, match="is a duplicate itself"):
        states.call_duplicate(NEW, 7, states.call_duplicate(NEW, 8, NEW, DAY), DAY)


def test_an_acceptance_pauses_the_clock_and_does_not_reset_it() -> None:
    """django-DefectDojo#2715, #3441: after it ends the finding is due in the future, and both ages are known."""
    again = states.expire(ACCEPTED, 12 * DAY)
    assert again.state is State.OPEN
    assert again.due == 12 * DAY + GRACE
    assert (again.age(13 * DAY), again.counted_age(13 * DAY)) == (13 * DAY, 4 * DAY)
    assert ACCEPTED.counted_age(9 * DAY) == DAY


def test_an_acceptance_that_still_holds_does_not_expire() -> None:
    assert states.expire(ACCEPTED, 9 * DAY) == ACCEPTED


@pytest.mark.parametrize(("said", "end"), [(0, DAY + LONGEST), (3 * DAY, 3 * DAY), (10**18, DAY + LONGEST)])
def test_an_acceptance_without_a_date_gets_the_most_that_is_allowed(said: int, end: int) -> None:
    """django-DefectDojo#13439."""
    assert states.bounded(said, DAY) == end


def test_an_expired_acceptance_can_be_extended_and_expires_again() -> None:
    """django-DefectDojo#14119, PR#15146."""
    expired = states.expire(ACCEPTED, 12 * DAY)
    again = states.accept(expired, until(20 * DAY), 13 * DAY)
    assert again.state is State.ACCEPTED
    assert states.expire(again, 21 * DAY).state is State.OPEN


def test_an_acceptance_can_be_extended_before_it_expires() -> None:
    longer = states.accept(ACCEPTED, until(20 * DAY), 5 * DAY)
    assert states.expire(longer, 12 * DAY).state is State.ACCEPTED
    assert longer.paused_at == DAY


REFUSED = {
    "no owner": Acceptance(owner=" ", reason="r", approver="a", until=9 * DAY),
    "no reason": Acceptance(owner="o", reason="", approver="a", until=9 * DAY),
    "nobody agreed": Acceptance(owner="o", reason="r", approver="", until=9 * DAY),
    "it has ended": until(DAY),
}


@pytest.mark.parametrize("acceptance", REFUSED.values(), ids=REFUSED)
def test_an_acceptance_needs_everything_and_an_end_in_the_future(acceptance: Acceptance) -> None:
    with pytest.raises(PlumblineError, match="acceptance"):
        states.accept(NEW, acceptance, DAY)


def test_a_person_confirms_what_could_not_be_seen() -> None:
    assert states.confirm(states.miss(NEW)).state is State.FIXED
    with pytest.raises(PlumblineError, match="cannot take"):
        states.confirm(NEW)


def test_what_is_unseen_is_open_again_when_it_is_seen() -> None:
    assert states.see(states.miss(NEW), DAY).state is State.OPEN


def test_a_person_takes_a_decision_back() -> None:
    assert states.reopen(FALSE, 2 * DAY) == NEW
    assert states.reopen(ACCEPTED, 2 * DAY).state is State.OPEN
    with pytest.raises(PlumblineError, match="cannot take"):
        states.reopen(NEW, DAY)


class Moves(RuleBasedStateMachine):
    """P3, and django-DefectDojo#14910: no sequence of moves leads to a state that is two."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.one, self.other = NEW, NEW
        self.before = NEW

    def _try(self, move: object) -> None:
        self.before = self.one
        try:
            self.one = move()  # type: ignore[operator]
        except PlumblineError:
            self.one = self.before

    @rule(days=st.integers(0, 40))
    def time_passes(self, days: int) -> None:
        self.now += days * DAY
        self._try(lambda: states.expire(self.one, self.now))
        if self.before.state is State.ACCEPTED and self.one.state is State.OPEN:
            assert self.one.due > self.now

    @rule()
    def a_scan_sees_it(self) -> None:
        self._try(lambda: states.see(self.one, self.now))
        if self.before.state in DECIDED:
            assert self.one.state is self.before.state

    @rule()
    def a_scan_fixes_it(self) -> None:
        self._try(lambda: states.fix(self.one, self.now))
        assert self.one.state in (State.FIXED, State.DUPLICATE)

    @rule()
    def a_scan_misses_it(self) -> None:
        self._try(lambda: states.miss(self.one))
        assert self.one.state is not State.OPEN

    @rule(days=st.integers(-1, 60))
    def somebody_accepts_it(self, days: int) -> None:
        self._try(lambda: states.accept(self.one, until(self.now + days * DAY), self.now))

    @rule()
    def somebody_calls_it_false(self) -> None:
        self._try(lambda: states.call_false(self.one, self.now))

    @rule()
    def somebody_calls_it_a_duplicate(self) -> None:
        self._try(lambda: states.call_duplicate(self.one, 2, self.other, self.now))

    @rule()
    def somebody_confirms_it(self) -> None:
        self._try(lambda: states.confirm(self.one))

    @precondition(lambda self: self.one.state is not State.OPEN)
    @rule()
    def somebody_reopens_it(self) -> None:
        self._try(lambda: states.reopen(self.one, self.now))

    @rule()
    def they_change_places(self) -> None:
        self.one, self.other = self.other, self.one

    @invariant()
    def there_is_one_state(self) -> None:
        for each in (self.one, self.other):
            assert (each.state is State.DUPLICATE) == bool(each.duplicate_of)
            assert (each.state is State.ACCEPTED) <= (each.acceptance is not None)
            assert each.acceptance is None or each.state in (State.ACCEPTED, State.FIXED)
            assert bool(each.paused_at) <= (each.state is State.ACCEPTED)
            assert 0 <= each.counted_age(self.now) <= each.age(self.now)


TestMoves = Moves.TestCase
