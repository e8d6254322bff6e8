"""Nobody keeps a person out by wrong passwords: a network that fails is slowed, and a browser that is known passes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from door_tools import PASSWORD

from plumbline.access import SIGNED_OUT, Actor
from plumbline.access.browser_mark import MARK_SECONDS
from plumbline.access.throttle import ATTACKED, FOR_BROWSER
from plumbline.flow.people.account import change_password
from plumbline.flow.people.attempts import TooManyAttemptsError
from plumbline.flow.people.identify import by_session
from plumbline.flow.people.invitations import accept_invitation, invite
from plumbline.flow.people.sign_in import sign_in
from plumbline.kernel import PlumblineError
from plumbline.model.person import Role

pytestmark = pytest.mark.slow
HOME, ELSEWHERE = "10.0.0.1", "198.51.100.9"
NEW = "another 密码 of mine"


@pytest.fixture
def mei(house):
    return house.person("mei", Role.DEVELOPER)


def enter(house, password=PASSWORD, *, name="mei", address=HOME, browser=""):
    return sign_in(Actor(address=address, agent="a browser", browser=browser), house.people, name, password)


def fails(house, times=1, **more):
    """The codes of wrong passwords, one after the other."""
    codes = []
    for number in range(times):
        with pytest.raises(PlumblineError) as caught:
            enter(house, f"wrong {number}", **more)
        codes.append(caught.value.code)
    return codes


def attack(house, failures, name="mei"):
    """From many networks, few failures from each."""
    for number in range(failures):
        assert fails(house, name=name, address=f"172.16.{number % 250}.{number % 7}") == ["sign-in-failed"]


def test_whoever_fails_on_purpose_slows_down_their_own_network_alone(house, mei):
    assert "too-many-attempts" in fails(house, 30, address=ELSEWHERE)
    assert enter(house)
    with pytest.raises(TooManyAttemptsError):
        enter(house, address="198.51.100.77")  # a neighbour of theirs
    assert enter(house, address="198.51.101.9")


def test_a_browser_that_is_known_passes_in_the_very_network(house, mei):
    known = enter(house).browser
    fails(house, 30)
    with pytest.raises(TooManyAttemptsError):
        enter(house)
    assert enter(house, browser=known)


def test_it_passes_where_the_address_tried_many_names(house, mei):
    known = enter(house).browser
    for number in range(25):
        fails(house, name=f"name{number}")
    with pytest.raises(TooManyAttemptsError):
        enter(house)
    assert enter(house, browser=known)


def test_under_an_attack_from_everywhere_the_person_is_heard_at_once(house, mei):
    attack(house, ATTACKED)
    assert enter(house)
    assert fails(house, 2, address="192.0.2.1") == ["sign-in-failed", "too-many-attempts"]
    with pytest.raises(TooManyAttemptsError) as caught:
        enter(house, address="192.0.2.1")
    assert caught.value.retry_after == 3600
    house.later(3600)
    assert enter(house, address="192.0.2.1")


def test_a_name_that_looks_like_the_count_of_another_is_none(house, mei):
    with house.view() as tx:
        changed = tx.people.get(mei.id).password_changed
    for name in ("mei@10.0.0.0/24", f"10.0.0.0/24:{changed}:mei", f"{changed}:mei", "at:10.0.0.0/24:mei"):
        fails(house, 5, name=name, address=ELSEWHERE)
    assert enter(house)


def test_of_a_known_browser_few_guesses_are_heard_and_then_it_is_a_strangers(house, mei):
    known = enter(house).browser
    codes = fails(house, FOR_BROWSER.free + 5, browser=known)
    assert codes[: FOR_BROWSER.free] == ["sign-in-failed"] * FOR_BROWSER.free
    assert codes[-1] == "too-many-attempts"
    assert enter(house, address=ELSEWHERE)  # others are not held by it


def test_each_sign_in_makes_another_and_forgets_what_failed(house, mei):
    known = enter(house).browser
    for _ in range(3):
        fails(house, FOR_BROWSER.free - 1, browser=known)
        before, known = known, enter(house, browser=known).browser
        assert known != before


def test_it_is_known_for_one_account_alone(house, mei):
    house.person("li")
    known = enter(house).browser
    fails(house, 30, name="li")
    with pytest.raises(TooManyAttemptsError):
        enter(house, name="li", browser=known)
    with house.view() as tx:
        number = tx.people.named("li").id
    forged = f"{number}{known[known.index('.') :]}"
    with pytest.raises(TooManyAttemptsError):
        enter(house, name="li", browser=forged)


def test_it_is_known_for_several_who_use_it(house, mei):
    house.person("li")
    both = enter(house, name="li", browser=enter(house).browser).browser
    for name in ("mei", "li"):
        fails(house, 30, name=name)
        assert enter(house, name=name, browser=both)


def test_a_new_password_ends_every_other(house, mei):
    other, mine = enter(house).browser, enter(house)
    kept = change_password(by_session(SIGNED_OUT, house.people, mine.secret), house.people, PASSWORD, NEW)
    fails(house, 30)
    for known in (other, mine.browser):
        with pytest.raises(TooManyAttemptsError):
            enter(house, NEW, browser=known)
    assert enter(house, NEW, browser=kept)


def test_a_link_makes_the_browser_known_in_which_it_was_used(house, mei):
    old = enter(house).browser
    link = invite(house.standing(house.person("ada", Role.ADMIN)), house.people, mei.id).secret
    known = accept_invitation(Actor(address=HOME), house.people, "mei", link, NEW).browser
    fails(house, 30)
    assert enter(house, NEW, browser=known)
    with pytest.raises(TooManyAttemptsError):
        enter(house, NEW, browser=old)


def test_it_is_forgotten_after_its_time(house, mei):
    known = enter(house).browser
    house.later(MARK_SECONDS)
    fails(house, 30)
    with pytest.raises(TooManyAttemptsError):
        enter(house, browser=known)


def test_nobody_who_is_not_signed_in_keeps_a_person_from_changing_the_password(house, mei):
    mine = by_session(SIGNED_OUT, house.people, enter(house).secret)
    attack(house, ATTACKED)
    fails(house, 30)
    change_password(mine, house.people, PASSWORD, NEW)
    assert enter(house, NEW)


def test_names_are_told_apart_by_nothing(house, mei):
    """The same answers, and a password is looked at as often, whatever a browser shows."""
    known = enter(house).browser
    answers = {}
    for name in ("mei", "nobody"):
        house.passwords.seen.clear()
        codes = fails(house, 12, name=name, address=f"203.0.{len(answers)}.1", browser="1.1800000000.x.y~" + known[1:])
        answers[name] = (codes, len(house.passwords.seen))
    assert answers["mei"] == answers["nobody"]


def test_what_fails_without_end_does_not_fill_the_ledger(house, mei):
    known = enter(house)
    for _ in range(20):
        fails(house, FOR_BROWSER.free - 1, browser=known.browser)
        known = enter(house, browser=known.browser)
    assert len(house.events("person.signInFailed")) == 10
    house.later(60)
    fails(house, browser=known.browser)
    [told] = house.events("access.refused")
    assert told["subject"]["content"]["reason"] == "sign-in-failed"
    assert told["customData"]["times"] == 20 * (FOR_BROWSER.free - 1) - 10 + 1
