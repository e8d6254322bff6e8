"""The way in for those who have no password yet: the first person, and those who are invited. Every act is an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import SECRET_BYTES, Permission, digest, may, same, write_secret
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.people.credentials import account_key, invitation_key, new_hash, person_name, refusal
from plumbline.kernel import PlumblineError, t
from plumbline.model.person import Grant, Person, Role
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.event_writer import EventWriter
    from plumbline.flow.service import ServerTools
    from plumbline.model.ports.transaction import Transaction

_SETUP = "setup"  # setting: when the link ends, and the digest of its secret
_VALID = 24 * 3600 * 1_000_000  # microseconds that a link is good for
_INVITATION = 7 * _VALID


class InvitationState(NamedTuple):
    """How somebody gets in."""

    password: bool  # one was set
    until: int  # when the link ends that nobody has used yet; 0: there is none


def set_up_link(tools: ServerTools) -> str | None:
    """The secret of a new link by which the first person signs up; None where somebody is there already. Links given
    out before are not valid any more."""
    now, secret = tools.clock(), write_secret(tools.secret(SECRET_BYTES))
    with tools.store.change() as tx:
        if tx.people.count():
            return None
        tx.settings.put(_SETUP, _sealed_link(secret, now + _VALID))
    return secret


def set_up(tools: ServerTools, link: str, name: str, title: str, password: str) -> Person:
    """The first person, who is an administrator. Raises PlumblineError ``link-not-valid``, ``password-weak``, ..."""
    moment, name = tools.moment(tools.clock()), person_name(name)
    with tools.store.view() as tx:
        _check_link(tx, _SETUP, link, moment.now)
    hashed = new_hash(tools.passwords, name, password)
    with tools.store.change() as tx:
        stored = _check_link(tx, _SETUP, link, moment.now)
        if tx.people.count() or not tx.settings.remove(_SETUP, stored):
            raise _wrong_link()
        person = tx.people.add(Person(id=0, name=name, title=title, created=moment.now))
        tx.people.set_password(person.id, hashed, moment.now)
        tx.grants.add(Grant(person=person.id, node=INSTANCE, role=Role.ADMIN, at=moment.now))
        moment.record(tx, name, events.PersonCreated(name=name))
        moment.record(tx, name, events.RoleGranted(person=name, role=Role.ADMIN.value, node="/"))
    return person


def invite(tools: ServerTools, tx: Transaction, moment: EventWriter, by: Actor, person: Person) -> str:
    """The secret of a link by which somebody sets a password, the first one or another where it was lost; a link given
    out before is not valid any more. Raises PlumblineError ``link-to-oneself``, ``person-inactive`` or
    ``role-too-wide``."""
    _may_invite(tx, by, person)
    secret = write_secret(tools.secret(SECRET_BYTES))
    valid = _VALID if tx.people.password(person.id) else _INVITATION
    tx.settings.put(invitation_key(person.id), _sealed_link(secret, moment.now + valid))
    moment.record(tx, person.name, events.PersonInvited(by=by.person.name))
    return secret


def invitation_state(tx: Transaction, person: Person, now: int) -> InvitationState:
    stored = tx.settings.get(invitation_key(person.id))
    until = int.from_bytes(stored[:8], "big") if stored else 0
    return InvitationState(tx.people.password(person.id) is not None, until if until > now else 0)


def accept_invitation(tools: ServerTools, name: str, link: str, password: str) -> Person:
    """Set the password; sign-ins that failed before are forgotten. Raises PlumblineError ``link-not-valid`` or
    ``password-weak``."""
    moment, name = tools.moment(tools.clock()), person_name(name)
    with tools.store.view() as tx:
        person = _invited(tx, name, link, moment.now)[0]
    hashed = new_hash(tools.passwords, name, password)
    with tools.store.change() as tx:
        person, stored = _invited(tx, name, link, moment.now)
        if not tx.settings.remove(invitation_key(person.id), stored):
            raise _wrong_link()
        tx.people.set_password(person.id, hashed, moment.now)
        tx.sessions.remove_all(person.id)
        tx.attempts.clear(account_key(name))
        moment.record(tx, name, events.PersonPasswordChanged(by=name))
    return person


def _may_invite(tx: Transaction, by: Actor, person: Person) -> None:
    """Whoever holds a link becomes that person: it is made by those alone who could hand out the person's roles."""
    if by.person.id == person.id:
        raise refusal(
            "link-to-oneself",
            t("Nobody makes a link for themselves."),
            t("Change the password with the old one, or ask another administrator."),
        )
    if not person.active:
        raise refusal(
            "person-inactive", t("{name} is switched off.", name=person.name), t("Switch the person on first.")
        )
    if any(not may(by, Permission.ROLE_GRANT, tx.tree.ancestors(grant.node)) for grant in tx.grants.of(person.id)):
        raise refusal(
            "role-too-wide",
            t("{name} has roles that {by} may not grant.", name=person.name, by=by.person.name),
            t("An administrator can make the link."),
        )


def _sealed_link(secret: str, until: int) -> bytes:
    return until.to_bytes(8, "big") + digest(secret)


def _check_link(tx: Transaction, key: str, link: str, now: int) -> bytes:
    """What is stored of it."""
    stored = tx.settings.get(key)
    if stored is None or not same(stored[8:], digest(link)) or int.from_bytes(stored[:8], "big") <= now:
        raise _wrong_link()
    return stored


def _invited(tx: Transaction, name: str, link: str, now: int) -> tuple[Person, bytes]:
    """Who was invited by this link, and what is stored of it."""
    person = tx.people.named(name)
    if person is None or not person.active:
        raise _wrong_link()
    return person, _check_link(tx, invitation_key(person.id), link, now)


def _wrong_link() -> PlumblineError:
    return refusal(
        "link-not-valid",
        t("This link is not valid, was used already, or is too old."),
        t("A new one is printed when the server starts without anybody in it; others come from an administrator."),
    )
