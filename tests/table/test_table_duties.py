"""Which two acts one person may not both do: whoever has every role is refused the second of them, at every door."""

from __future__ import annotations

import pytest
from table_actors import ALL_ROLES, Actor
from table_call import NODE, PROJECT, TOKEN, Call
from table_expected import Answer
from table_walk import Walker, is_api

from plumbline.access import USE_CASES, use_cases

_C = use_cases
AUTHOR = "author"  # who has every role, put the statement on file and waived the criterion
REVIEW = {"statement": "{statement}", "decision": "accepted"}
_ACCOUNT = {"numbers": {"person": "{author}"}}
_DECISION = {"findings": ["{finding}"], "act": "accept", "reason": "A reason.", "owner": "mei"}
_ACT = {"act": "accept", "reason": "A reason.", "owner": "mei"}
_AGREE = {"decision": "{decision_again}", "agree": "1"}
_GRANT = {"role": "viewer", "node": "{core}"}

SECOND_ACTS = {
    "POST /api/v1/nodes/{node}/statements/review": Call(_C.REVIEW_STATEMENT, NODE, json=REVIEW),
    "POST /nodes/{node:int}/statements/review": Call(_C.REVIEW_STATEMENT, NODE, form=REVIEW),
    "POST /api/v1/nodes/{node}/exemptions/agree": Call(_C.AGREE_EXEMPTION, NODE, json={"exemption": "{waiver}"}),
    "POST /nodes/{node:int}/exemptions/agree": Call(_C.AGREE_EXEMPTION, NODE, form={"exemption": "{waiver}"}),
    "PUT /api/v1/people/{person}/roles": Call(_C.GRANT_ROLE, NODE, json=_GRANT, **_ACCOUNT),
    "POST /people/{person:int}/grant": Call(_C.GRANT_ROLE, NODE, form=_GRANT, **_ACCOUNT),
    "POST /api/v1/findings/decisions": Call(_C.DECIDE_FINDING, PROJECT, json=_DECISION),
    "POST /findings/{finding:int}/decide": Call(_C.DECIDE_FINDING, PROJECT, form=_ACT),
    "POST /api/v1/decisions/{decision}/approve": Call(_C.APPROVE_DECISION, PROJECT),
    "POST /findings/{finding:int}/agree": Call(_C.APPROVE_DECISION, PROJECT, form=_AGREE),
    "POST /api/v1/waivers/{waiver}/decide": Call(
        _C.DECIDE_WAIVER, PROJECT, json={"agree": True}, numbers={"waiver": "{gate_waiver}"}),
    "POST /waivers/{waiver:int}/decide": Call(
        _C.DECIDE_WAIVER, PROJECT, numbers={"waiver": "{gate_waiver_again}"}, form={"agree": "1"}),
    "POST /api/v1/people/{person}/invitation": Call(_C.INVITE_PERSON, **_ACCOUNT),
    "POST /people/{person:int}/invitation": Call(_C.INVITE_PERSON, **_ACCOUNT),
}  # fmt: skip


@pytest.mark.parametrize("door", SECOND_ACTS)
def test_one_person_does_not_do_both(door: str, walker: Walker) -> None:
    call = SECOND_ACTS[door]
    [(_, response)] = walker.ask(door, [(call, Actor(AUTHOR, ALL_ROLES, by=TOKEN if is_api(door) else ""))])
    assert response.status in (403, 409), f"{call.use_case.name}: {response.status} at {door}"
    assert not response.told, f"{call.use_case.name}: refused at {door}, and yet there is {response.told}"


@pytest.mark.parametrize("door", SECOND_ACTS)
def test_another_person_does_the_second(door: str, walker: Walker) -> None:
    call = SECOND_ACTS[door]
    [(found, response)] = walker.ask(door, [(call, Actor(ALL_ROLES, ALL_ROLES))])
    assert found is Answer.ALLOWED, f"{call.use_case.name}: {response.status} at {door}"
    assert response.status < 400, f"{call.use_case.name}: {response.status} at {door}"


def test_every_duty_of_the_table_is_held_at_both_doors() -> None:
    held = [call.use_case.name for call in SECOND_ACTS.values()]
    assert sorted(held) == sorted(2 * [one.name for one in USE_CASES.values() if one.duty])


WITHDRAW = {"statement": "{statement}", "decision": "withdrawn"}


@pytest.mark.parametrize(
    ("door", "call"),
    [
        ("POST /api/v1/nodes/{node}/statements/review", Call(_C.WITHDRAW_STATEMENT, NODE, json=WITHDRAW)),
        ("POST /nodes/{node:int}/statements/review", Call(_C.WITHDRAW_STATEMENT, NODE, form=WITHDRAW)),
    ],
)
def test_a_statement_is_withdrawn_by_its_author_alone(door: str, call: Call, walker: Walker) -> None:
    [(_, response)] = walker.ask(door, [(call, Actor(ALL_ROLES, ALL_ROLES))])
    assert response.status == 409


def test_a_link_is_made_by_who_could_grant_the_roles_of_the_person(walker: Walker) -> None:
    """Administrators can, but for a token that may manage people, see everything and grant nothing."""
    door, call = "POST /api/v1/people/{person}/invitation", Call(_C.INVITE_PERSON, **_ACCOUNT)
    narrow = Actor(ALL_ROLES, ALL_ROLES, scopes=("people.manage", "project.view"), by=TOKEN)
    [(found, response)] = walker.ask(door, [(call, narrow)])
    assert found is Answer.FORBIDDEN, f"{call.use_case.name}: {response.status}"


def test_a_page_does_not_offer_a_link_for_oneself(walker: Walker) -> None:
    call = Call(_C.VIEW_PERSON, **_ACCOUNT)
    [(_, own), (_, other)] = walker.ask(
        "GET /people/{person:int}", [(call, Actor(AUTHOR, ALL_ROLES)), (call, Actor(ALL_ROLES, ALL_ROLES))]
    )
    assert (b"/invitation" in own.body, b"/invitation" in other.body) == (False, True), "invite-person"
