"""API tokens: made once, shown once, narrowed, ended."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from door_tools import DAY, PASSWORD, SECOND

from plumbline.access import SIGNED_OUT, Permission, may
from plumbline.flow.people.account import change_account, change_password
from plumbline.flow.people.identify import by_token
from plumbline.flow.people.tokens import make_token, revoke_own_token, revoke_token
from plumbline.kernel import PlumblineError
from plumbline.model.person import Role


@pytest.fixture
def mei(house):
    return house.person("mei", Role.DEVELOPER)


@contextmanager
def refused(code):
    with pytest.raises(PlumblineError) as caught:
        yield caught
    assert caught.value.code == code


def make(house, person, scopes=("pipeline.run",), lasts=DAY, own=None):
    return make_token(own or house.standing(person), house.people, "ci", scopes, house.now + lasts)


def show(house, text):
    return by_token(SIGNED_OUT, house.people, text)


def test_a_token_speaks_for_its_owner_as_far_as_its_scopes_go(house, mei):
    token, text = make(house, mei)
    assert text.startswith(f"plumb_{token.id}_")
    standing = show(house, text)
    assert (standing.name, standing.token.id) == ("mei", token.id)
    assert may(standing, Permission.PIPELINE_RUN, ())
    assert not may(standing, Permission.PIPELINE_VIEW, ())


def test_its_secret_is_not_kept(house, mei, tmp_path):
    _, text = make(house, mei)
    written = b"".join(file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file())
    assert text.rpartition("_")[2].encode() not in written
    (event,) = house.events("token.created")
    assert event["subject"]["content"]["scopes"] == ["pipeline.run"]


@pytest.mark.parametrize("spoil", ["", "plumb_", "{text}x", "{swapped}", "{other_id}", "Bearer {text}"])
def test_what_is_almost_a_token_is_none(house, mei, spoil):
    _, text = make(house, mei)
    other, _ = make(house, mei)
    secret = text.rpartition("_")[2]
    swapped = text.replace(secret, secret[::-1])
    shown = spoil.format(text=text, swapped=swapped, other_id=f"plumb_{other.id}_{secret}")
    with refused("unknown-credential"):
        show(house, shown)


def test_it_ends_when_it_says_and_when_it_is_revoked(house, mei):
    _, text = make(house, mei, lasts=10 * SECOND)
    other, other_text = make(house, mei)
    house.later(9.9)
    assert show(house, text)
    house.later(0.1)
    with refused("unknown-credential"):
        show(house, text)
    assert revoke_own_token(house.standing(mei), house.people, other.id)
    assert not revoke_own_token(house.standing(mei), house.people, other.id)
    with refused("unknown-credential"):
        show(house, other_text)
    assert len(house.events("token.revoked")) == 1


def test_a_role_that_goes_goes_from_the_token_too(house, mei):
    _, text = make(house, mei)
    with house.change() as tx:
        tx.grants.remove(mei.id, 0, Role.DEVELOPER)
    standing = show(house, text)
    assert not may(standing, Permission.PIPELINE_RUN, ())


def test_the_last_use_is_kept_to_the_minute(house, mei):
    token, text = make(house, mei)
    for _ in range(30):
        house.later(1)
        show(house, text)
    with house.view() as tx:
        assert tx.tokens.get(token.id).used == house.now - house.now % (60 * SECOND)


@pytest.mark.parametrize(
    ("scopes", "lasts"),
    [((), DAY), (("fly",), DAY), (("pipeline.run", ""), DAY), (("all",), 0), (("all",), -1), (("all",), 367 * DAY)],
)
def test_what_cannot_be_made(house, mei, scopes, lasts):
    with refused("token-wrong"):
        make(house, mei, scopes, lasts)
    assert not house.events("token.created")


def test_a_token_makes_no_token(house, mei):
    _, text = make(house, mei, ["all"])
    standing = show(house, text)
    with refused("token-wrong"):
        make(house, mei, ["pipeline.run"], own=standing)


def test_nobody_has_too_many(house, mei):
    for _ in range(100):
        token, _ = make(house, mei)
    with refused("token-wrong"):
        make(house, mei)
    revoke_own_token(house.standing(mei), house.people, token.id)
    assert make(house, mei)


def test_a_token_leaves_the_account_of_its_owner_alone_but_ends_itself(house, mei):
    token, text = make(house, mei)
    other, _ = make(house, mei)
    narrow = show(house, text)
    for act in (
        lambda: make(house, mei, own=narrow),
        lambda: revoke_own_token(narrow, house.people, other.id),
        lambda: change_account(narrow, house.people, title="x"),
        lambda: change_password(narrow, house.people, PASSWORD, "another 密码 of mine"),
    ):
        with refused("not-allowed") as caught:
            act()
        assert "its owner's account" in str(caught.value)
    assert not house.passwords.seen
    assert revoke_own_token(narrow, house.people, token.id)


def test_a_token_is_revoked_by_its_owner_or_who_manages_them(house, mei):
    token, _ = make(house, mei)
    li, ada = house.standing(house.person("li", Role.MAINTAINER)), house.standing(house.person("ada", Role.ADMIN))
    with refused("not-found"):
        revoke_own_token(li, house.people, token.id)
    with refused("not-allowed"):
        revoke_token(li, house.people, token.id)
    assert revoke_token(ada, house.people, token.id)
    (event,) = house.events("token.revoked")
    assert event["subject"]["content"] == {"person": "mei", "by": "ada"}
