"""The way in for those who have no password yet: the first person, and those who are invited. Every act is an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import SECRET_BYTES, digest, may, same, use_cases, write_secret
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.people.attempts import take_turn
from plumbline.flow.people.credentials import (
    invitation_key,
    known_person,
    new_hash,
    person_name,
    refusal,
    set_password,
)
from plumbline.flow.people.sign_in import NewSession, enter
from plumbline.kernel import PlumblineError, t
from plumbline.model.person import Grant, Person, Role
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.people.tools import PeopleTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.ports.transaction import Transaction

_SETUP = "setup"  # setting: when the link ends, and the digest of its secret
_VALID = 24 * 3600 * 1_000_000  # microseconds that a link is good for
_INVITATION = 7 * _VALID


class InvitationState(NamedTuple):
    """How somebody gets in."""

    password: bool  # one was set
    until: int  # when the link ends that nobody has used yet; 0: there is none


class Invitation(NamedTuple):
    person: Person
    secret: str
    link: str  # to the page where the secret is used


def set_up_link(tools: PeopleTools) -> str | None:
    """The secret of a new link by which the first person signs up; None where somebody is there already. Links given
    out before are not valid any more. For whoever starts the server."""
    now, secret = tools.units.clock(), write_secret(tools.secret(SECRET_BYTES))
    with tools.units.store.change() as tx:
        if tx.people.count():
            return None
        tx.settings.put(_SETUP, _sealed_link(secret, now + _VALID))
    return secret


def vacant(actor: Actor, tools: PeopleTools) -> bool:
    """Nobody is there yet: the set-up link is to be used."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.SET_UP)
        return unit.tx.people.count() == 0


def set_up(actor: Actor, tools: PeopleTools, link: str, name: str, title: str, password: str) -> NewSession:
    """The first person, who is an administrator, signs up and is signed in: both or neither. Raises PlumblineError
    ``link-not-valid``, ``password-weak``, ``too-many-attempts``, ..."""
    name = person_name(name)
    take_turn(actor, tools, use_cases.SET_UP)
    with tools.units.view(actor) as unit:
        unit.require(use_cases.SET_UP)
        _check_link(unit, _SETUP, link)
    hashed = new_hash(tools.passwords, name, password)
    with tools.units.change(actor) as unit:
        unit.require(use_cases.SET_UP)
        stored = _check_link(unit, _SETUP, link)
        if unit.tx.people.count() or not unit.tx.settings.remove(_SETUP, stored):
            raise _wrong_link()
        person = unit.tx.people.add(Person(id=0, name=name, title=title, created=unit.now))
        set_password(unit, person.id, hashed)
        unit.tx.grants.add(Grant(person=person.id, node=INSTANCE, role=Role.ADMIN, at=unit.now))
        unit.record(name, events.PersonCreated(name=name))
        unit.record(name, events.RoleGranted(person=name, role=Role.ADMIN.value, node="/"))
        return enter(unit, tools, person)


def invite(actor: Actor, tools: PeopleTools, person: int) -> Invitation:
    """A link by which somebody sets a password, the first one or another where it was lost. Raises PlumblineError
    ``not-found``, ``link-to-oneself``, ``person-inactive`` or ``role-too-wide``."""
    with tools.units.change(actor) as unit:
        unit.require(use_cases.INVITE_PERSON)
        return make_invitation(unit, tools, known_person(unit.tx, person))


def make_invitation(unit: UnitOfWork, tools: PeopleTools, person: Person) -> Invitation:
    """A link given out before is not valid any more."""
    _may_invite(unit, person)
    secret = write_secret(tools.secret(SECRET_BYTES))
    valid = _VALID if unit.tx.people.password(person.id) else _INVITATION
    unit.tx.settings.put(invitation_key(person.id), _sealed_link(secret, unit.now + valid))
    unit.record(person.name, events.PersonInvited(by=unit.actor.name))
    return Invitation(person, secret, f"{tools.url}/welcome?name={person.name}&key={secret}")


def invitation_state(tx: Transaction, person: Person, now: int) -> InvitationState:
    stored = tx.settings.get(invitation_key(person.id))
    until = int.from_bytes(stored[:8], "big") if stored else 0
    return InvitationState(tx.people.password(person.id) is not None, until if until > now else 0)


def accept_invitation(actor: Actor, tools: PeopleTools, name: str, link: str, password: str) -> NewSession:
    """Set the password, and sign in: both or neither; sign-ins that failed before are forgotten. Raises PlumblineError
    ``link-not-valid``, ``password-weak`` or ``too-many-attempts``."""
    name = person_name(name)
    take_turn(actor, tools, use_cases.ACCEPT_INVITATION)
    with tools.units.view(actor) as unit:
        unit.require(use_cases.ACCEPT_INVITATION)
        _invited(unit, name, link)
    hashed = new_hash(tools.passwords, name, password)
    with tools.units.change(actor) as unit:
        unit.require(use_cases.ACCEPT_INVITATION)
        person, stored = _invited(unit, name, link)
        if not unit.tx.settings.remove(invitation_key(person.id), stored):
            raise _wrong_link()
        set_password(unit, person.id, hashed)
        unit.tx.sessions.remove_all(person.id)
        unit.record(name, events.PersonPasswordChanged(by=name))
        return enter(unit, tools, person)


def _may_invite(unit: UnitOfWork, person: Person) -> None:
    """Whoever holds a link becomes that person: it is made by those alone who could hand out the person's roles."""
    actor, tx = unit.actor, unit.tx
    if unit.breaks_duty(use_cases.INVITE_PERSON, person.name):
        raise refusal(
            "link-to-oneself",
            t("Nobody makes a link for themselves."),
            t("Change the password with the old one, or ask another administrator."),
        )
    if not person.active:
        raise refusal("person-inactive", t("{name} is deactivated.", name=person.name), t("Activate the person first."))
    grants = use_cases.INVITE_PERSON.also[0].permission
    if any(not may(actor, grants, tx.tree.ancestors(grant.node)) for grant in tx.grants.of(person.id)):
        raise refusal(
            "role-too-wide",
            t("{name} has roles that {by} may not grant.", name=person.name, by=actor.name),
            t("An administrator can make the link."),
        )


def _sealed_link(secret: str, until: int) -> bytes:
    return until.to_bytes(8, "big") + digest(secret)


def _check_link(unit: UnitOfWork, key: str, link: str) -> bytes:
    """What is stored of it."""
    stored = unit.tx.settings.get(key)
    if stored is None or not same(stored[8:], digest(link)) or int.from_bytes(stored[:8], "big") <= unit.now:
        raise _wrong_link()
    return stored


def _invited(unit: UnitOfWork, name: str, link: str) -> tuple[Person, bytes]:
    """Who was invited by this link, and what is stored of it."""
    person = unit.tx.people.named(name)
    if person is None or not person.active:
        raise _wrong_link()
    return person, _check_link(unit, invitation_key(person.id), link)


def _wrong_link() -> PlumblineError:
    return refusal(
        "link-not-valid",
        t("This link is not valid, was used already, or is too old."),
        t("A new one is printed when the server starts without anybody in it; others come from an administrator."),
    )
