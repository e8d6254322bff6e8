"""Who may add, change and switch off people, and hand out roles; what is recorded of it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from door_tools import PASSWORD

from plumbline.access import SIGNED_OUT
from plumbline.flow.people.identify import by_token
from plumbline.flow.people.invitations import accept_invitation
from plumbline.flow.people.people import add_person, change_person
from plumbline.flow.people.roles import grant_role, revoke_role
from plumbline.flow.people.tokens import make_token
from plumbline.kernel import LANGUAGES, PlumblineError
from plumbline.model.person import Person, Role
from plumbline.model.tree import INSTANCE, NodeKind


@pytest.fixture
def ada(house):
    return house.person("ada", Role.ADMIN)


@pytest.fixture
def mei(house):
    return house.person("mei")


@pytest.fixture
def bank(house):
    return house.node("bank")


@contextmanager
def refused(code):
    with pytest.raises(PlumblineError) as caught:
        yield caught
    assert caught.value.code == code


def add(house, by, name):
    return add_person(house.standing(by), house.people, Person(id=0, name=name))


def grant(house, by, person, role, node=INSTANCE):
    return grant_role(house.standing(by), house.people, person.id, role, node)


def revoke(house, by, person, role, node=INSTANCE):
    return revoke_role(house.standing(by), house.people, person.id, role, node)


def change(house, by, person, **fields):
    return change_person(house.standing(by), house.people, person.id, **fields)


def contents(house, kind):
    return [event["subject"]["content"] for event in house.events(kind)]


class TestPeople:
    def test_somebody_new_sets_their_own_password(self, house, ada):
        person, secret, link = add(house, ada, " Bo ")
        assert person.name == "bo"
        with refused("sign-in-failed"):
            house.sign_in("bo", "")
        accept_invitation(SIGNED_OUT, house.people, "bo", secret, PASSWORD)
        assert link == f"/welcome?name=bo&key={secret}"
        assert house.who(house.sign_in("bo")) == "bo"
        assert contents(house, "person.created") == [{"name": "bo", "by": "ada"}]

    @pytest.mark.parametrize(
        ("name", "code"), [("mei", "person-exists"), ("MEI", "person-exists"), ("a b", "name-wrong")]
    )
    def test_a_name_that_cannot_be(self, house, ada, mei, name, code):
        with refused(code):
            add(house, ada, name)
        assert not house.events("person.created")

    def test_switched_off_everything_ends_at_once(self, house, ada, mei):
        secret = house.sign_in()
        _, token = make_token(house.standing(mei), house.people, "ci", ["all"], house.now + 9**9)
        change(house, ada, mei, active=False)
        assert house.who(secret) is None
        with refused("unknown-credential"):
            by_token(SIGNED_OUT, house.people, token)
        assert contents(house, "deactivated") == [{"by": "ada"}]
        change(house, ada, mei, active=True)
        with refused("unknown-credential"):  # a token does not come back with its owner
            by_token(SIGNED_OUT, house.people, token)
        assert house.sign_in()

    def test_the_last_administrator_stays(self, house, ada, mei):
        with refused("last-administrator"):
            change(house, ada, ada, active=False)
        with refused("last-administrator"):
            revoke(house, ada, ada, Role.ADMIN)
        grant(house, ada, mei, Role.ADMIN)
        change(house, ada, mei, active=False)
        with refused("last-administrator"):  # another one who is switched off does not count
            change(house, ada, ada, active=False)

    def test_what_did_not_change_is_not_recorded(self, house, ada, mei):
        change(house, ada, mei, title=mei.title)
        assert not house.events("person.changed")
        change(house, ada, mei, title="Mei", email="m@bank.example")
        assert contents(house, "person.changed") == [{"by": "ada", "fields": ["title", "email"]}]


class TestRoles:
    def test_granted_and_revoked_once_and_recorded(self, house, ada, mei, bank):
        assert grant(house, ada, mei, Role.OPERATOR, bank.id)
        assert not grant(house, ada, mei, Role.OPERATOR, bank.id)
        assert revoke(house, ada, mei, Role.OPERATOR, bank.id)
        assert not revoke(house, ada, mei, Role.OPERATOR, bank.id)
        expected = {"person": "mei", "role": "operator", "node": "bank", "by": "ada"}
        assert contents(house, "role.granted") == [expected]
        assert contents(house, "role.revoked") == [expected]

    def test_nobody_grants_to_themselves_administrators_least(self, house, ada):
        with refused("role-to-oneself"):
            grant(house, ada, ada, Role.RELEASE_MANAGER)

    def test_everybody_may_give_up_their_own(self, house, ada, bank):
        li = house.person("li", Role.MAINTAINER, node=bank.id)
        assert revoke(house, li, li, Role.MAINTAINER, bank.id)

    def test_a_maintainer_hands_out_and_takes_only_what_they_may_do(self, house, ada, mei, bank):
        li = house.person("li", Role.MAINTAINER, node=bank.id)
        assert grant(house, li, mei, Role.DEVELOPER, bank.id)
        with refused("role-too-wide") as caught:
            grant(house, li, mei, Role.SECURITY, bank.id)
        for language in LANGUAGES:
            assert "built-in" not in caught.value.message.render(language)
        assert "waive criteria" in str(caught.value)
        grant(house, ada, mei, Role.AUDITOR, bank.id)
        with refused("role-too-wide"):
            revoke(house, li, mei, Role.AUDITOR, bank.id)

    def test_an_administrator_of_a_node_hands_out_every_role_there_and_none_elsewhere(self, house, ada, mei, bank):
        other = house.node("other")
        below = house.node("core", NodeKind.PROJECT, bank)
        li = house.person("li", Role.ADMIN, node=bank.id)
        assert grant(house, li, mei, Role.RELEASE_MANAGER, below.id)
        for node, code in ((other.id, "not-found"), (INSTANCE, "not-allowed")):
            with refused(code):
                grant(house, li, mei, Role.VIEWER, node)

    def test_who_may_not_grant_does_not_give_up_their_own_either(self, house, ada, bank):
        bo = house.person("bo", Role.DEVELOPER, node=bank.id)
        with refused("not-allowed"):
            revoke(house, bo, bo, Role.DEVELOPER, bank.id)

    def test_of_nobody(self, house, ada):
        for act in (grant_role, revoke_role):
            with refused("not-found"):
                act(house.standing(ada), house.people, 99, Role.VIEWER, INSTANCE)
