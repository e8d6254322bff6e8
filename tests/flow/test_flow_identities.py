"""Whose an account or an address is: said by who may, recorded, and never two people's."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from door_tools import House

from plumbline.flow.people.identities import link_identity, list_identities, unlink_identity
from plumbline.kernel import PlumblineError
from plumbline.model.person import Role

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def refused(code: str) -> Iterator[Any]:
    with pytest.raises(PlumblineError) as caught:
        yield caught
    assert caught.value.code == code


def test_an_alias_is_one_persons_and_the_ledger_says_whose(house: House) -> None:
    ada, mei = house.standing(house.person("ada", Role.ADMIN)), house.person("mei")
    assert link_identity(ada, house.people, mei.id, "gitlab", " @Mei.Lin ")
    assert link_identity(ada, house.people, mei.id, "", "Mei.Lin@Bank.example")
    assert not link_identity(ada, house.people, mei.id, "gitlab", "MEI.LIN")  # so it is already
    assert [str(one) for one in list_identities(ada, house.people, mei.id)] == [
        "mei.lin@bank.example",
        "gitlab:mei.lin",
    ]
    told = [entry["subject"] for entry in house.events("identity.linked")]
    assert [one["id"] for one in told] == ["gitlab:mei.lin", "mei.lin@bank.example"]
    assert told[0]["content"] == {"person": "mei", "by": "ada", "forge": "gitlab", "login": "mei.lin"}
    assert unlink_identity(ada, house.people, mei.id, "gitlab", "Mei.Lin")
    assert not unlink_identity(ada, house.people, mei.id, "gitlab", "mei.lin")
    assert len(house.events("identity.unlinked")) == 1


@pytest.mark.parametrize(("forge", "name"), [("gitlab", "Mallory"), ("", "MALLORY@bank.example")])
def test_one_that_would_point_to_two_people_is_refused_and_names_the_first(house: House, forge: str, name: str) -> None:
    ada, mei, bo = house.standing(house.person("ada", Role.ADMIN)), house.person("mei"), house.person("bo")
    link_identity(ada, house.people, mei.id, forge, name.lower())
    with refused("identity-taken") as caught:
        link_identity(ada, house.people, bo.id, forge, name)
    assert "mei" in str(caught.value.message)
    assert len(house.events("identity.linked")) == 1
    assert link_identity(ada, house.people, bo.id, "github", "mallory")  # another forge has other accounts
    assert not unlink_identity(ada, house.people, bo.id, forge, name)  # it is not his to be taken back


@pytest.mark.parametrize(
    ("forge", "name"),
    [("", "mei"), ("", ""), ("", "a@b@c"), ("", "a b@c"), ("gitlab", ""), ("gitlab", "a b"), ("gitlab", "a@b"),
     ("gitlab", "a\u202eb"), ("gitlab", "x" * 201), ("Git Lab", "mei"), ("gitlab", "<mei>")],
)  # fmt: skip
def test_what_is_no_account_is_refused(house: House, forge: str, name: str) -> None:
    ada = house.standing(house.person("ada", Role.ADMIN))
    with refused("identity-wrong"):
        link_identity(ada, house.people, ada.person.id, forge, name)


def test_a_login_may_be_of_any_letters(house: House) -> None:
    ada = house.standing(house.person("ada", Role.ADMIN))
    assert link_identity(ada, house.people, ada.person.id, "gitea", "梅琳")


def test_who_may_not_manage_people_may_not(house: House) -> None:
    mei = house.person("mei")
    for act in (link_identity, unlink_identity):
        with refused("not-allowed"):
            act(house.standing(mei), house.people, mei.id, "gitlab", "mei")
    assert not house.events("identity.linked")
