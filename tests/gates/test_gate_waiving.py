"""Waivers: two persons, a scope, an end; nothing else sets anything aside."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.gates.policies import AT, DAY

from plumbline.gates import ANNOUNCED, Scope, announcements, waived, waiver_state
from plumbline.model.gate import Waiver, WaiverState

PEOPLE = {"ada", "ben", "cleo"}
WAIVER = Waiver(
    uid="w1", node=1, path="bank/payments", rule_set="red-lines", line="tests", reason="the load test is being rebuilt",
    asked_by="ada", asked=AT - 40 * DAY, agreed_by="ben", agreed=AT - 39 * DAY, ends=AT + 30 * DAY,
)  # fmt: skip
HERE = Scope(path="bank/payments/core", commit="c" * 40, change="7", digests=("sha256:aa",))
IN_FORCE = {("red-lines", "tests"): "w1"}


def of(waiver=WAIVER, scope=HERE, at=AT, active=PEOPLE, of_contract=False):
    return waived([waiver], scope, at=at, active=active, of_contract=of_contract)


def test_a_waiver_of_two_persons_is_in_force_at_its_node_and_below():
    assert waiver_state(WAIVER, AT, PEOPLE) is WaiverState.IN_FORCE
    assert of() == IN_FORCE
    assert of(scope=replace(HERE, path="bank/payments")) == IN_FORCE
    assert of(scope=replace(HERE, path="bank/payments-old")) == {}
    assert of(scope=replace(HERE, path="bank")) == {}
    assert of(replace(WAIVER, path="")) == IN_FORCE  # of the installation


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"agreed": 0, "agreed_by": ""}, WaiverState.ASKED),
        ({"agreed_by": "ada"}, WaiverState.VOID),
        ({"agreed_by": "dan"}, WaiverState.VOID),
        ({"asked_by": "dan"}, WaiverState.VOID),
        ({"asked_by": "dan", "agreed": 0, "agreed_by": ""}, WaiverState.VOID),
        ({"reason": "  "}, WaiverState.VOID),
        ({"agreed": AT + DAY}, WaiverState.VOID),
        ({"refused": AT, "refused_by": "cleo"}, WaiverState.REFUSED),
        ({"ended": AT - 1, "ended_by": "ada"}, WaiverState.ENDED),
        ({"ends": AT}, WaiverState.EXPIRED),
        ({"ends": AT - DAY, "ended": AT - DAY}, WaiverState.EXPIRED),
        ({"ended": AT - DAY}, WaiverState.VOID),  # by the clock, before its time: one of the two had left
        ({"ends": 0}, WaiverState.EXPIRED),
    ],
)
def test_anything_less_is_not_in_force(changes, state):
    waiver = replace(WAIVER, **changes)
    assert waiver_state(waiver, AT, PEOPLE) is state
    assert of(waiver) == {}


@pytest.mark.parametrize(
    ("changes", "scope", "fits"),
    [
        ({"commit": "c" * 40}, HERE, True),
        ({"commit": "d" * 40}, HERE, False),
        ({"change": "7"}, HERE, True),
        ({"change": "8"}, HERE, False),
        ({"digest": "sha256:aa"}, HERE, True),
        ({"digest": "sha256:bb"}, HERE, False),
        ({"digest": "sha256:aa"}, replace(HERE, digests=("sha256:aa", "sha256:bb")), False),
        ({"digest": "sha256:aa"}, replace(HERE, digests=()), False),
        ({"commit": "c" * 40}, replace(HERE, commit=""), False),
    ],
)
def test_a_waiver_holds_for_its_commit_change_and_digest_alone(changes, scope, fits):
    assert of(replace(WAIVER, **changes), scope) == (IN_FORCE if fits else {})


def test_lines_of_contracts_and_checks_of_policies_are_not_mixed_up():
    assert of(replace(WAIVER, of_contract=True)) == {}
    assert of(replace(WAIVER, of_contract=True), of_contract=True) == IN_FORCE


def test_of_several_the_one_that_holds_longest_is_named():
    longer = replace(WAIVER, uid="w2", ends=AT + 60 * DAY)
    for both in ([WAIVER, longer], [longer, WAIVER]):
        assert waived(both, HERE, at=AT, active=PEOPLE) == {("red-lines", "tests"): "w2"}


def test_an_end_is_announced_fourteen_and_three_days_before_each_once():
    assert ANNOUNCED == (14, 3)
    told = []
    waiver = WAIVER
    for hour in range(30 * 24 + 2):
        due = announcements(waiver, AT + hour * DAY // 24)
        told += [(hour // 24, days) for days in due]
        waiver = replace(waiver, announced=(*waiver.announced, *due))
    assert told == [(16, 14), (27, 3)]


def test_an_end_is_announced_late_where_nobody_was_there_and_never_for_what_ended():
    near = replace(WAIVER, ends=AT + 2 * DAY)
    assert announcements(near, AT) == (3,)  # the fourteenth day went by: that is no news any more
    assert announcements(replace(near, announced=(3,)), AT) == ()
    assert announcements(replace(near, ended=AT - 1), AT) == ()
    assert announcements(replace(near, agreed=0), AT) == ()
    assert announcements(near, AT + 3 * DAY) == ()
    short = replace(WAIVER, agreed=AT, ends=AT + 10 * DAY)
    assert announcements(short, AT) == ()  # it was made for less than fourteen days
