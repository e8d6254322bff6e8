"""API tokens: made once, shown once, narrowed, ended."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from door_tools import DAY, SECOND, House

from plumbline.access import Permission, may
from plumbline.flow.people.identify import by_token
from plumbline.flow.people.manage_access import make_token, revoke_token
from plumbline.kernel import PlumblineError
from plumbline.model.person import Role


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path / "data")
    with made.server:
        yield made


@pytest.fixture
def mei(house):
    return house.person("mei", Role.DEVELOPER)


@contextmanager
def refused(code):
    with pytest.raises(PlumblineError) as caught:
        yield caught
    assert caught.value.code == code


def make(house, person, scopes=("pipeline.run",), lasts=DAY, own=None):
    standing = own or house.standing(person)
    with house.change() as tx:
        return make_token(house.tools, tx, house.moment, standing, "ci", scopes, house.now + lasts)


def test_a_token_speaks_for_its_owner_as_far_as_its_scopes_go(house, mei):
    token, text = make(house, mei)
    assert text.startswith(f"plumb_{token.id}_")
    standing, found = by_token(house.tools.store, text, house.now)
    assert (standing.person.name, found.id) == ("mei", token.id)
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
        by_token(house.tools.store, shown, house.now)


def test_it_ends_when_it_says_and_when_it_is_revoked(house, mei):
    _, text = make(house, mei, lasts=10 * SECOND)
    other, other_text = make(house, mei)
    house.later(9.9)
    assert by_token(house.tools.store, text, house.now)
    house.later(0.1)
    with refused("unknown-credential"):
        by_token(house.tools.store, text, house.now)
    with house.change() as tx:
        assert revoke_token(tx, house.moment, house.standing(mei), other)
        assert not revoke_token(tx, house.moment, house.standing(mei), other)
    with refused("unknown-credential"):
        by_token(house.tools.store, other_text, house.now)
    assert len(house.events("token.revoked")) == 1


def test_a_role_that_goes_goes_from_the_token_too(house, mei):
    _, text = make(house, mei)
    with house.change() as tx:
        tx.grants.remove(mei.id, 0, Role.DEVELOPER)
    standing, _ = by_token(house.tools.store, text, house.now)
    assert not may(standing, Permission.PIPELINE_RUN, ())


def test_the_last_use_is_kept_to_the_minute(house, mei):
    token, text = make(house, mei)
    for _ in range(30):
        house.later(1)
        by_token(house.tools.store, text, house.now)
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
    standing, _ = by_token(house.tools.store, text, house.now)
    with refused("token-wrong"):
        make(house, mei, ["pipeline.run"], own=standing)


def test_nobody_has_too_many(house, mei):
    for _ in range(100):
        token, _ = make(house, mei)
    with refused("token-wrong"):
        make(house, mei)
    with house.change() as tx:
        revoke_token(tx, house.moment, house.standing(mei), token)
    assert make(house, mei)
