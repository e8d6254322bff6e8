"""Signing in and out. Which of name and password was wrong is not told, neither in words nor by how long it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from plumbline.access import SECRET_BYTES, digest, throttle, use_cases, write_secret
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.people.attempts import Guesser, Taken, attempt_failed, take_attempt
from plumbline.flow.people.browsers import known_browser, remember_browser
from plumbline.flow.people.credentials import LONGEST_NAME, refusal
from plumbline.flow.people.identify import LONGEST
from plumbline.flow.unit_of_work import not_signed_in
from plumbline.kernel import t
from plumbline.model.person import Session

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.people.tools import PeopleTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.kernel import PlumblineError
    from plumbline.model.person import Person

_AGENT = 200  # characters of what a browser calls itself


class NewSession(NamedTuple):
    """The secret for the cookie, and in how many seconds the session ends at the latest. ``browser``: what the browser
    keeps, so that it is known the next time."""

    secret: str
    seconds: int
    browser: str


def sign_in(actor: Actor, tools: PeopleTools, name: str, password: str) -> NewSession:
    """Raises PlumblineError ``sign-in-failed`` or :class:`TooManyAttemptsError`."""
    name = name.strip().lower()[:LONGEST_NAME]
    with tools.units.view(actor) as unit:
        unit.require(use_cases.SIGN_IN)
        person = unit.tx.people.named(name)
        hashed = unit.tx.people.password(person.id) if person else None
        browser = known_browser(unit, person)
    guesser = Guesser(name, person.name, person.password_changed, browser) if person else Guesser(name, "unknown")
    taken = take_attempt(actor, tools, use_cases.SIGN_IN, guesser)
    right = tools.passwords.verify(hashed, password)
    if person is None or not right or not person.active:
        raise _failed(actor, tools, guesser, taken, "inactive" if right else "wrong")
    fresh = tools.passwords.hash(password) if hashed and tools.passwords.outdated(hashed) else None
    with tools.units.change(actor) as unit:
        unit.require(use_cases.SIGN_IN)
        now = unit.tx.people.get(person.id)
        unchanged = now is not None and now.active and unit.tx.people.password(person.id) == hashed
        if unchanged:
            unit.tx.attempts.clear(taken.key)
            if fresh:
                unit.tx.people.set_password(person.id, fresh, None)
            session = enter(unit, tools, person)
    if not unchanged:  # somebody changed the password, or switched the person off, at this very moment
        raise _failed(actor, tools, guesser, taken, "wrong")
    return session


def enter(unit: UnitOfWork, tools: PeopleTools, person: Person) -> NewSession:
    """A session of somebody who has just shown who they are, in the transaction in which they did."""
    secret = write_secret(tools.secret(SECRET_BYTES))
    unit.tx.sessions.add(_session(unit.actor, person.id, secret, unit.now))
    unit.record(person.name, events.PersonSignedIn(address=unit.actor.address or msgspec.UNSET, method="password"))
    return NewSession(secret, LONGEST // 1_000_000, remember_browser(unit, tools, person.id))


def sign_out(actor: Actor, tools: PeopleTools) -> None:
    """Raises PlumblineError ``not-signed-in`` where no session is shown."""
    with tools.units.change(actor) as unit:
        unit.require(use_cases.SIGN_OUT)
        if actor.session is None:
            raise not_signed_in()
        if unit.tx.sessions.remove(actor.session.digest):
            unit.record(actor.name, events.PersonSignedOut())


def sweep_sessions(tools: PeopleTools) -> int:
    """Remove sessions that are over, and failed sign-ins too old to count; how many sessions. The server's own work."""
    now = tools.units.clock()
    with tools.units.store.change() as tx:
        tx.attempts.sweep(
            now - max(throttle.FOR_ACCOUNT.forgotten, throttle.FOR_ADDRESS.forgotten, throttle.FOR_BROWSER.forgotten)
        )
        return tx.sessions.sweep(created_before=now - LONGEST, seen_before=now - LONGEST)


def _failed(
    actor: Actor, tools: PeopleTools, guesser: Guesser, taken: Taken, reason: Literal["wrong", "inactive"]
) -> PlumblineError:
    attempt_failed(actor, tools, use_cases.SIGN_IN, guesser, taken, reason)
    return refusal("sign-in-failed", t("The name or the password is wrong."))


def _session(actor: Actor, person: int, secret: str, now: int) -> Session:
    return Session(
        digest=digest(secret), person=person, created=now, seen=now, address=actor.address, agent=actor.agent[:_AGENT]
    )
