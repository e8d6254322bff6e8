"""One's own account: what one may do, how one is called, and the password."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.access import effective_permissions, use_cases
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.people.attempts import Guesser, attempt_failed, take_change
from plumbline.flow.people.browsers import remember_browser
from plumbline.flow.people.credentials import end_invitation, known_person, new_hash, refusal, set_password
from plumbline.flow.people.people import save_changes
from plumbline.flow.people.roles import HeldRole, held_roles
from plumbline.flow.unit_of_work import not_signed_in
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor, Permission
    from plumbline.flow.people.tools import PeopleTools
    from plumbline.model.person import Person


class Account(NamedTuple):
    roles: Sequence[HeldRole]
    permissions: Sequence[Permission]  # in the whole installation


def view_account(actor: Actor, tools: PeopleTools) -> Account:
    with tools.units.view(actor) as unit:
        unit.require(use_cases.VIEW_ACCOUNT)
        return Account(held_roles(unit.tx, actor.grants), sorted(effective_permissions(actor, ())))


def change_account(
    actor: Actor,
    tools: PeopleTools,
    *,
    title: str | None = None,
    email: str | None = None,
    language: str | None = None,
) -> Person:
    """Change what is given."""
    given = {"title": title, "email": email, "language": language}
    with tools.units.change(actor) as unit:
        unit.require(use_cases.CHANGE_ACCOUNT)
        before = known_person(unit.tx, actor.person.id)
        after = msgspec.structs.replace(before, **{key: value for key, value in given.items() if value is not None})
        return save_changes(unit, before, after)


def change_password(actor: Actor, tools: PeopleTools, old: str, new: str) -> str:
    """All other sessions end, as does an invitation not used yet, and no browser is known any more but this one: what
    it is to keep is answered.

    Raises PlumblineError ``password-wrong``, ``password-weak`` or ``too-many-attempts``.
    """
    person = actor.person
    taken = take_change(actor, tools, use_cases.CHANGE_PASSWORD)
    with tools.units.view(actor) as unit:
        unit.require(use_cases.CHANGE_PASSWORD)
        before = unit.tx.people.password(person.id)
    if not tools.passwords.verify(before, old):
        guesser = Guesser(person.name, person.name)
        attempt_failed(actor, tools, use_cases.CHANGE_PASSWORD, guesser, taken, "wrong")
        raise _wrong_password()
    try:
        hashed = new_hash(tools.passwords, person.name, new)
    except PlumblineError:
        _give_back(actor, tools, taken.key)
        raise
    with tools.units.change(actor) as unit:
        unit.require(use_cases.CHANGE_PASSWORD)
        if not known_person(unit.tx, person.id).active:  # switched off at this very moment
            raise not_signed_in()
        if unit.tx.people.password(person.id) != before:
            raise _wrong_password()
        set_password(unit, person.id, hashed)
        end_invitation(unit.tx, person.id)
        unit.tx.sessions.remove_all(person.id, but=actor.session.digest if actor.session else b"")
        unit.tx.attempts.clear(taken.key)
        unit.record(person.name, events.PersonPasswordChanged(by=person.name))
        return remember_browser(unit, tools, person.id)


def _give_back(actor: Actor, tools: PeopleTools, key: str) -> None:
    """The old password was right: the attempt is none that failed."""
    with tools.units.change(actor) as unit:
        unit.require(use_cases.CHANGE_PASSWORD)
        unit.tx.attempts.clear(key)


def _wrong_password() -> PlumblineError:
    return refusal("password-wrong", t("The old password is wrong."))
