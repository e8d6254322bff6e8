"""Four eyes: what one person may not do twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.access import DUTIES, GRANTS_TO_SELF, Act, Duty, Performed, conflict, conflicts, read_duties
from plumbline.kernel import PlumblineError

AUTHOR_APPROVES = Duty(Act.AUTHOR, Act.APPROVE)


@pytest.mark.parametrize(
    ("acts", "wrong"),
    [
        ([("author", "mei"), ("approve", "li")], ""),
        ([("author", "mei"), ("approve", "mei")], "mei wrote the change and approved it: this takes two persons"),
        ([("author", "Mei "), ("approve", "mei")], "mei wrote"),  # the same person, written otherwise
        ([("author", "mei"), ("author", "li"), ("approve", "li")], "li wrote"),  # one of two authors
        ([("author", "mei"), ("approve", "li"), ("approve", "mei")], "mei wrote"),  # one of two approvers
        ([("author", ""), ("approve", "li")], "nobody knows who wrote the change"),
        ([("author", "mei"), ("approve", "")], "nobody knows who approved it"),
        ([("author", "mei")], ""),  # not approved by anybody yet
        ([], ""),
    ],
)
def test_author_and_approver(acts, wrong):
    text = conflict([Performed(Act(act), person) for act, person in acts], AUTHOR_APPROVES)
    assert str(text or "").startswith(wrong)
    assert bool(text) is bool(wrong)


def test_what_always_holds_cannot_be_configured_away():
    both = [Performed(Act.AUTHOR, "root"), Performed(Act.APPROVE, "root"), Performed(Act.DEPLOY, "root")]
    assert [str(text) for text in conflicts(both, ())] == [
        "root wrote the change and approved it: this takes two persons"
    ]
    assert len(conflicts(both, DUTIES)) == 2
    assert conflict([Performed(Act.GRANT, "root"), Performed(Act.RECEIVE, "root")], GRANTS_TO_SELF)


@given(st.lists(st.tuples(st.sampled_from(Act), st.sampled_from(["a", "b", "c"]))), st.sampled_from(DUTIES))
def test_a_conflict_is_one_person_in_both_acts_in_whatever_order(acts, duty):
    done = [Performed(act, person) for act, person in acts]
    both = {p for a, p in acts if a is duty.first} & {p for a, p in acts if a is duty.second}
    assert bool(conflict(done, duty)) is bool(both)
    assert bool(conflict(done[::-1], Duty(duty.second, duty.first))) is bool(both)


def test_duties_are_read_from_a_setting():
    assert read_duties([["approve", "deploy"], ["merge", "author"]]) == (
        Duty(Act.APPROVE, Act.DEPLOY),
        Duty(Act.MERGE, Act.AUTHOR),
    )
    assert read_duties([]) == ()


@pytest.mark.parametrize(
    "value", [None, 3, "approve", ["approve"], [["approve"]], [["approve", "fly"]], [["deploy", "deploy"]], {"a": 1}]
)
def test_a_malformed_setting_is_refused_with_the_acts_there_are(value):
    with pytest.raises(PlumblineError) as caught:
        read_duties(value)
    assert caught.value.code == "duties-malformed"
    assert "approve" in str(caught.value.hint)
