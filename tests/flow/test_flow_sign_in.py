"""The first person, invitations, signing in and out, throttling, passwords: on a real store, with real hashes."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from door_tools import DAY, PASSWORD, SECOND

from plumbline.access import SIGNED_OUT, Actor, digest
from plumbline.flow.people.account import change_password
from plumbline.flow.people.attempts import TooManyAttemptsError
from plumbline.flow.people.invitations import accept_invitation, invitation_state, invite, set_up, set_up_link
from plumbline.flow.people.people import change_person
from plumbline.flow.people.sign_in import sign_out, sweep_sessions
from plumbline.kernel import PlumblineError
from plumbline.model.person import Person, Role
from plumbline.model.tree import INSTANCE


@pytest.fixture
def mei(house):
    return house.person("mei", Role.DEVELOPER)


@contextmanager
def refused(code):
    with pytest.raises(PlumblineError) as caught:
        yield caught
    assert caught.value.code == code


def counted_at(person, network="10.0.0.0/24"):
    """What failures of a person from a network are counted by."""
    return f"account-at:{network}:{person.password_changed}:{person.name}"


def throttled(house, address="10.0.0.1"):
    """So many attempts failed there that the next one has to wait."""
    for number in range(21):
        with suppress(PlumblineError):
            house.sign_in(f"name{number}", "wrong", address)


class TestFirstPerson:
    def test_the_link_makes_one_administrator_and_no_second(self, house):
        link = set_up_link(house.people)
        person = house.visitor(set_up(SIGNED_OUT, house.people, link, " Root ", "The first", PASSWORD).secret).person
        assert person.name == "root"
        with house.view() as tx:
            assert [(grant.node, grant.role) for grant in tx.grants.of(person.id)] == [(INSTANCE, Role.ADMIN)]
        assert house.who(house.sign_in("ROOT")) == "root"
        with refused("link-not-valid"):
            set_up(SIGNED_OUT, house.people, link, "second", "", PASSWORD)
        assert set_up_link(house.people) is None

    def test_a_link_ends_after_a_day_and_with_the_next_one(self, house):
        first = set_up_link(house.people)
        second = set_up_link(house.people)
        with refused("link-not-valid"):
            set_up(SIGNED_OUT, house.people, first, "root", "", PASSWORD)
        house.now += DAY
        with refused("link-not-valid"):
            set_up(SIGNED_OUT, house.people, second, "root", "", PASSWORD)
        with house.view() as tx:
            assert tx.people.count() == 0

    def test_of_many_at_the_same_time_one_becomes_administrator(self, house):
        link = set_up_link(house.people)

        def attempt(number):
            try:
                return set_up(SIGNED_OUT, house.people, link, f"root{number}", "", PASSWORD)
            except PlumblineError as error:
                return error.code

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(attempt, range(6)))
        assert answers.count("link-not-valid") == 5
        with house.view() as tx:
            assert tx.people.count() == 1

    def test_an_address_that_has_to_wait_does_not_use_the_link_up(self, house):
        link, here = set_up_link(house.people), Actor(address="10.0.0.1")
        throttled(house)
        with pytest.raises(TooManyAttemptsError):
            set_up(here, house.people, link, "root", "", PASSWORD)
        with house.view() as tx:
            assert tx.people.count() == 0
        house.later(3600)
        assert house.who(set_up(here, house.people, link, "root", "", PASSWORD).secret) == "root"

    @pytest.mark.parametrize("link", ["", "x", "\ud800", "a" * 10_000])
    def test_a_guess_is_not_a_link(self, house, link):
        set_up_link(house.people)
        with refused("link-not-valid"):
            set_up(SIGNED_OUT, house.people, link, "root", "", PASSWORD)
        assert not house.passwords.seen

    def test_without_a_link_there_is_no_way_in(self, house):
        with refused("link-not-valid"):
            set_up(SIGNED_OUT, house.people, "", "root", "", PASSWORD)

    @pytest.mark.parametrize("name", ["", " ", "a b", "<b>", "../x", "-x", "名", "a" * 101, "a\nb"])
    def test_a_name_that_is_none(self, house, name):
        link = set_up_link(house.people)
        with refused("name-wrong"):
            set_up(SIGNED_OUT, house.people, link, name, "", PASSWORD)

    @pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaaaaa", "my Root words12", "12121212121212"])
    def test_a_password_that_is_easily_guessed(self, house, password):
        link = set_up_link(house.people)
        with refused("password-weak"):
            set_up(SIGNED_OUT, house.people, link, "root", "", password)
        assert set_up(SIGNED_OUT, house.people, link, "root", "", PASSWORD)  # the link is still good


class TestSignIn:
    def test_a_session_says_who_it_is_until_it_ends(self, house, mei):
        secret = house.sign_in()
        assert house.who(secret) == "mei"
        actor = house.visitor(secret)
        assert actor.scopes is None
        assert (actor.session.address, actor.session.agent) == ("10.0.0.1", "a browser")
        sign_out(actor, house.people)
        assert house.who(secret) is None
        assert len(house.events("person.signedIn")) == len(house.events("person.signedOut")) == 1

    def test_the_store_does_not_have_the_secret(self, house, mei, tmp_path):
        secret = house.sign_in()
        with house.view() as tx:
            (session,) = tx.sessions.of(mei.id)
        assert session.digest == digest(secret)
        written = b"".join(file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file())
        assert secret.encode() not in written
        assert PASSWORD.encode() not in written

    @pytest.mark.parametrize(
        ("pauses", "known"),
        [((59 * 60,) * 3, True), ((61 * 60,), False), ((50 * 60,) * 14, True), ((50 * 60,) * 15, False)],
    )
    def test_a_session_ends_when_idle_and_after_its_longest_time(self, house, mei, pauses, known):
        secret = house.sign_in()
        for pause in pauses:
            house.later(pause)
            found = house.who(secret)
        assert (found is not None) is known

    def test_a_session_of_a_clock_that_was_ahead_does_not_last_longer(self, house, mei):
        house.later(86_400)
        secret = house.sign_in()
        house.later(-86_400)
        assert house.who(secret) is None
        other = house.sign_in()
        house.later(-120)
        assert house.who(other) == "mei"

    def test_failures_of_a_clock_that_was_ahead_lock_nobody(self, house, mei):
        house.later(365 * 86_400)
        for _ in range(12):
            with suppress(PlumblineError):
                house.sign_in(password="wrong")
        house.later(-365 * 86_400)
        assert house.who(house.sign_in()) == "mei"

    def test_name_and_password_are_not_told_apart(self, house, mei):
        answers = []
        for name, password in (("mei", "wrong"), ("nobody", "wrong"), ("nobody", PASSWORD), ("\x00", "wrong")):
            with refused("sign-in-failed") as caught:
                house.sign_in(name, password)
            answers.append(str(caught.value))
        assert len(set(answers)) == 1
        assert len(house.passwords.seen) == 4  # each took a hash
        assert {event["subject"]["id"] for event in house.events("signInFailed")} == {"mei", "unknown"}

    def test_who_is_switched_off_stays_out_and_is_not_told_why(self, house, mei):
        secret = house.sign_in()
        with house.change() as tx:
            tx.people.save(msgspec.structs.replace(mei, active=False))
        assert house.who(secret) is None
        with refused("sign-in-failed"):
            house.sign_in()
        assert [event["subject"]["content"]["reason"] for event in house.events("signInFailed")] == ["inactive"]

    def test_an_old_hash_is_made_anew_and_the_day_of_the_password_stays(self, house, mei):
        with house.view() as tx:
            old = tx.people.password(mei.id)
        house.passwords.old.add(old)
        house.later(100)
        house.sign_in()
        with house.view() as tx:
            assert tx.people.password(mei.id) != old
            assert tx.people.get(mei.id).password_changed == mei.password_changed
        house.sign_in()

    def test_a_password_changed_at_that_very_moment_wins(self, house, mei):
        def meanwhile():
            house.passwords.meanwhile = None
            with house.change() as tx:
                tx.people.set_password(mei.id, house.passwords.inner.hash("another 密码 of mine"), house.now)
                tx.sessions.remove_all(mei.id)

        house.passwords.meanwhile = meanwhile
        with refused("sign-in-failed"):
            house.sign_in()
        with house.view() as tx:
            assert not tx.sessions.of(mei.id)


class TestThrottle:
    def fail(self, house, times, name="mei", address="10.0.0.1"):
        for number in range(times):
            with pytest.raises(PlumblineError):
                house.sign_in(name, f"wrong {number}", address)

    def test_after_three_failures_even_the_right_password_waits(self, house, mei):
        self.fail(house, 3)
        with pytest.raises(TooManyAttemptsError) as caught:
            house.sign_in()
        assert caught.value.retry_after == 1
        assert PASSWORD not in house.passwords.seen  # it was not even looked at
        house.later(1)
        assert house.sign_in()
        assert "too-many-attempts" in str(house.events("access.refused"))

    def test_each_failure_doubles_the_wait_up_to_a_lock(self, house, mei):
        waits = []
        for _ in range(12):
            with pytest.raises(PlumblineError):
                house.sign_in("mei", "wrong")
            with house.view() as tx:
                failures = tx.attempts.get(counted_at(mei))
            house.later(0)
            try:
                house.sign_in("mei", "wrong")
            except TooManyAttemptsError as error:
                waits.append(error.retry_after)
                house.later(error.retry_after)
            except PlumblineError:
                waits.append(0)
        assert failures.count >= 10
        assert waits[-1] == 15 * 60
        assert [w for w in waits if w] == sorted(w for w in waits if w)

    def test_a_good_sign_in_forgets_the_failures(self, house, mei):
        for _ in range(5):
            self.fail(house, 2)
            house.sign_in()

    def test_failures_of_long_ago_do_not_lock_today(self, house, mei):
        with house.change() as tx:
            for _ in range(50):
                tx.attempts.failed(counted_at(mei), house.now)
        house.now += DAY
        self.fail(house, 2)
        assert house.sign_in()

    def test_one_persons_failures_do_not_keep_others_out(self, house, mei):
        house.person("li")
        self.fail(house, 8)
        assert house.sign_in("li")

    def test_unknown_names_are_throttled_alike(self, house, mei):
        self.fail(house, 3, "nobody")
        with pytest.raises(TooManyAttemptsError):
            house.sign_in("nobody", "wrong")

    def test_an_address_that_tries_many_names_waits(self, house, mei):
        for number in range(20):
            self.fail(house, 1, f"name{number}")
        with pytest.raises(TooManyAttemptsError):
            house.sign_in("mei")
        assert house.sign_in("mei", address="10.0.0.2")

    def test_all_addresses_of_a_network_of_ipv6_count_together(self, house, mei):
        for number in range(20):
            self.fail(house, 1, f"name{number}", f"2001:db8:1:1::{number:x}")
        with pytest.raises(TooManyAttemptsError):
            house.sign_in("mei", address="2001:db8:1:1:ffff::1")
        assert house.sign_in("mei", address="2001:db8:1:2::1")

    def test_many_guesses_at_the_same_time_are_no_more_than_one_after_the_other(self, house, mei):
        def guess(number):
            with pytest.raises(PlumblineError):
                house.sign_in("mei", f"guess {number}", f"10.0.0.{number}")  # of one network

        with ThreadPoolExecutor(12) as pool:
            list(pool.map(guess, range(24)))
        assert len(house.passwords.seen) == 3

    def test_capitals_and_blanks_are_the_same_account(self, house, mei):
        for name in ("mei", "MEI", " Mei "):
            self.fail(house, 1, name)
        with pytest.raises(TooManyAttemptsError):
            house.sign_in("mEi")

    def test_a_name_without_end_is_kept_short(self, house):
        self.fail(house, 1, "x" * 1_000_000)
        assert len(house.ledger_bytes()) < 10_000

    def test_what_is_too_old_is_swept(self, house, mei):
        self.fail(house, 1)
        house.now += DAY + SECOND
        sweep_sessions(house.people)
        with house.view() as tx:
            assert tx.attempts.get(counted_at(mei)).count == 0
            assert tx.attempts.get("address:10.0.0.1").count == 0


class TestPasswords:
    NEW = "another 密码 of mine"

    def test_a_new_password_ends_all_other_sessions(self, house, mei):
        mine, other = house.sign_in(), house.sign_in()
        change_password(house.visitor(mine), house.people, PASSWORD, self.NEW)
        assert house.who(mine) == "mei"
        assert house.who(other) is None
        assert house.sign_in(password=self.NEW)
        with refused("sign-in-failed"):
            house.sign_in()
        assert len(house.events("passwordChanged")) == 1

    def test_guessing_the_old_one_is_slowed_down_and_recorded(self, house, mei):
        for _ in range(3):
            with refused("password-wrong"):
                change_password(house.standing(mei), house.people, "wrong", self.NEW)
        with pytest.raises(TooManyAttemptsError):
            change_password(house.standing(mei), house.people, PASSWORD, self.NEW)
        assert len(house.events("signInFailed")) == 3

    def test_a_weak_one_changes_nothing(self, house, mei):
        with refused("password-weak"):
            change_password(house.standing(mei), house.people, PASSWORD, "weak")
        assert house.sign_in()

    def test_of_the_attempts_none_is_used_up_by_a_weak_one(self, house, mei):
        for _ in range(5):
            with refused("password-weak"):
                change_password(house.standing(mei), house.people, PASSWORD, "weak")
        change_password(house.standing(mei), house.people, PASSWORD, self.NEW)

    @pytest.mark.parametrize(("active", "code"), [(True, "password-wrong"), (False, "not-signed-in")])
    def test_what_somebody_else_does_at_that_very_moment_wins(self, house, mei, active, code):
        def meanwhile():
            with house.change() as tx:
                tx.people.save(msgspec.structs.replace(mei, active=active))
                if active:
                    tx.people.set_password(mei.id, house.passwords.inner.hash("a third 密码 of mine"), house.now)

        house.passwords.meanwhile = meanwhile
        with refused(code):
            change_password(house.standing(mei), house.people, PASSWORD, self.NEW)
        assert not house.events("passwordChanged")

    def test_it_takes_an_invitation_not_used_yet_out_of_the_world(self, house, mei):
        admin = house.standing(house.person("ada", Role.ADMIN))
        link = invite(admin, house.people, mei.id).secret
        change_password(house.standing(mei), house.people, PASSWORD, self.NEW)
        with refused("link-not-valid"):
            accept_invitation(SIGNED_OUT, house.people, "mei", link, "a password of somebody else")


class TestInvitations:
    def invite(self, house, person, by=None):
        by = by or house.standing(house.person("ada", Role.ADMIN))
        return invite(by, house.people, person.id).secret

    def new(self, house):
        """Somebody who has no password yet."""
        with house.change() as tx:
            return tx.people.add(Person(id=0, name="bo", created=house.now))

    def test_it_sets_a_password_once_and_opens_a_locked_account(self, house, mei):
        old = house.sign_in()
        TestThrottle().fail(house, 10)
        link = self.invite(house, mei)
        accept_invitation(SIGNED_OUT, house.people, "Mei", link, TestPasswords.NEW)
        assert house.who(old) is None
        assert house.sign_in(password=TestPasswords.NEW)
        with refused("link-not-valid"):
            accept_invitation(SIGNED_OUT, house.people, "mei", link, TestPasswords.NEW)

    def test_an_address_that_has_to_wait_does_not_use_it_up(self, house, mei):
        """Of what is good for once nothing is gone by a request that is refused."""
        link, here = self.invite(house, mei), Actor(address="10.0.0.1")
        throttled(house)
        with pytest.raises(TooManyAttemptsError):
            accept_invitation(here, house.people, "mei", link, TestPasswords.NEW)
        assert not house.events("passwordChanged")
        assert house.sign_in(address="10.0.0.2")  # the password is the old one
        house.later(3600)
        assert house.who(accept_invitation(here, house.people, "mei", link, TestPasswords.NEW).secret) == "mei"

    def test_that_somebody_made_it_is_recorded(self, house, mei):
        self.invite(house, mei)
        (event,) = house.events("person.invited")
        assert (event["subject"]["id"], event["subject"]["content"]) == ("mei", {"by": "ada"})

    @pytest.mark.parametrize(("name", "days"), [("bo", 7), ("mei", 1)])
    def test_it_is_for_one_person_and_for_a_week_or_a_day_where_there_is_a_password(self, house, mei, name, days):
        self.new(house)
        with house.view() as tx:
            person = tx.people.named(name)
        link = self.invite(house, person)
        house.person("li")
        for other in ("li", "nobody"):
            with refused("link-not-valid"):
                accept_invitation(SIGNED_OUT, house.people, other, link, PASSWORD)
        ends = house.now + days * DAY
        with house.view() as tx:
            assert invitation_state(tx, person, ends - 1) == (name == "mei", ends)
            assert invitation_state(tx, person, ends) == (name == "mei", 0)
        house.now = ends
        with refused("link-not-valid"):
            accept_invitation(SIGNED_OUT, house.people, name, link, PASSWORD)

    def test_the_last_one_alone_is_good_and_it_ends_with_its_use(self, house):
        bo, ada = self.new(house), house.standing(house.person("ada", Role.ADMIN))
        first, second = self.invite(house, bo, ada), self.invite(house, bo, ada)
        with refused("link-not-valid"):
            accept_invitation(SIGNED_OUT, house.people, "bo", first, PASSWORD)
        accept_invitation(SIGNED_OUT, house.people, "bo", second, PASSWORD)
        with house.view() as tx:
            assert invitation_state(tx, bo, house.now) == (True, 0)

    def test_the_old_password_is_good_until_the_link_is_used(self, house, mei):
        self.invite(house, mei)
        assert house.sign_in()

    def test_nobody_makes_one_for_themselves_or_for_who_is_switched_off(self, house, mei):
        ada = house.person("ada", Role.ADMIN)
        with refused("link-to-oneself"):
            self.invite(house, ada, house.standing(ada))
        with house.change() as tx:
            tx.people.save(msgspec.structs.replace(mei, active=False))
        with refused("person-inactive"):
            self.invite(house, mei, house.standing(ada))
        assert not house.events("person.invited")

    def test_a_token_that_grants_no_roles_makes_none_for_who_has_some(self, house):
        """Whoever has the link is that person: it would be more than the token may."""
        ada = house.standing(house.person("ada", Role.ADMIN), frozenset({"people.manage"}))
        li = house.person("li", Role.ADMIN)
        with refused("role-too-wide"):
            self.invite(house, li, ada)
        assert self.invite(house, self.new(house), ada)

    def test_not_for_who_is_switched_off(self, house, mei):
        link = self.invite(house, mei)
        with house.change() as tx:
            tx.people.save(msgspec.structs.replace(mei, active=False))
        with refused("link-not-valid"):
            accept_invitation(SIGNED_OUT, house.people, "mei", link, PASSWORD)

    def test_switched_on_again_the_old_link_is_not_good_again(self, house, mei):
        ada = house.standing(house.person("ada", Role.ADMIN))
        link = self.invite(house, mei, ada)
        for active in (False, True):
            change_person(ada, house.people, mei.id, active=active)
        with refused("link-not-valid"):
            accept_invitation(SIGNED_OUT, house.people, "mei", link, PASSWORD)


def test_no_secret_is_in_any_event(house, mei):
    link = set_up_link(house.people) or ""
    secret = house.sign_in()
    with pytest.raises(PlumblineError):
        house.sign_in("mei", "a wrong password nobody knows")
    change_password(house.standing(mei), house.people, PASSWORD, TestPasswords.NEW)
    invitation = TestInvitations().invite(house, mei)
    written = house.ledger_bytes()
    assert written
    for hidden in (link, secret, PASSWORD, TestPasswords.NEW, invitation, "a wrong password nobody knows"):
        assert not hidden or hidden.encode() not in written
