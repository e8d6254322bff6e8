"""Who there is: seen, added, changed, switched off. Every act is an event in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.access import granted, use_cases
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.people.credentials import end_invitation, known_person, no_such_person, person_name
from plumbline.flow.people.invitations import Invitation, InvitationState, invitation_state, make_invitation
from plumbline.flow.people.roles import HeldRole, held_roles, keep_an_administrator
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor, UseCase
    from plumbline.flow.people.tools import PeopleTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.person import Alias, Grant, Person


class PersonView(NamedTuple):
    """``invitation`` None: the actor cannot make one for this person."""

    person: Person
    roles: Sequence[HeldRole]
    invitation: InvitationState | None = None
    aliases: Sequence[Alias] = ()  # accounts and addresses that are this person's
    links: bool = False  # whether the actor may change those
    reads_ledger: bool = False  # what the person did can be looked for


class PeopleView(NamedTuple):
    people: Sequence[PersonView]
    adds: bool  # whether the actor may add somebody


def list_people(actor: Actor, tools: PeopleTools) -> Sequence[Person]:
    """By name."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_PEOPLE)
        return seen_people(unit, use_cases.LIST_PEOPLE)


def view_people(actor: Actor, tools: PeopleTools) -> PeopleView:
    """By name, with their roles."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_PEOPLE)
        people = seen_people(unit, use_cases.LIST_PEOPLE)
        roles: dict[int, list[HeldRole]] = {person.id: [] for person in people}
        grants = [grant for person in people for grant in unit.tx.grants.of(person.id)]
        for held in held_roles(unit.tx, shown_grants(unit, use_cases.LIST_PEOPLE, grants)):
            roles[held.grant.person].append(held)
        return PeopleView([PersonView(each, roles[each.id]) for each in people], unit.may(use_cases.ADD_PERSON))


def view_person(actor: Actor, tools: PeopleTools, person: int) -> PersonView:
    """Raises PlumblineError ``not-found``."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.VIEW_PERSON)
        found = seen_person(unit, use_cases.VIEW_PERSON, person)
        invites = unit.may(use_cases.INVITE_PERSON) and not unit.breaks_duty(use_cases.INVITE_PERSON, found.name)
        state = invitation_state(unit.tx, found, unit.now) if invites else None
        roles = held_roles(unit.tx, shown_grants(unit, use_cases.VIEW_PERSON, unit.tx.grants.of(person)))
        links, reads_ledger = unit.may(use_cases.LINK_IDENTITY), unit.may(use_cases.SEARCH_LEDGER)
        return PersonView(found, roles, state, unit.tx.aliases.of(person), links, reads_ledger)


def seen_people(unit: UnitOfWork, use_case: UseCase) -> Sequence[Person]:
    """Whom the actor sees by a use case, by name: everybody, or those with a role at a node where the actor may see
    people, above it or below it."""
    around = _around(unit, use_case)
    if around is None:
        return unit.tx.people.all()
    with_roles = {grant.person for grant in unit.tx.grants.at(sorted(around))}
    return [person for person in unit.tx.people.all() if person.id in with_roles] if with_roles else []


def title_of(actor: Actor, tools: PeopleTools, name: str) -> str:
    """What somebody is called whose name stands on a page that the actor reads; the name where nobody has it."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.VIEW_ACCOUNT)
        found = unit.tx.people.named(name)
        return found.title or name if found is not None else name


def seen_person(unit: UnitOfWork, use_case: UseCase, person: int) -> Person:
    """Raises PlumblineError ``not-found``, also where the actor does not see this person."""
    found = known_person(unit.tx, person)
    if _around(unit, use_case) is not None and not shown_grants(unit, use_case, unit.tx.grants.of(person)):
        raise no_such_person(person)
    return found


def shown_grants(unit: UnitOfWork, use_case: UseCase, grants: Sequence[Grant]) -> Sequence[Grant]:
    """Those of some people that the actor sees by a use case."""
    around = _around(unit, use_case)
    return grants if around is None else [grant for grant in grants if grant.node in around]


def _around(unit: UnitOfWork, use_case: UseCase) -> set[int] | None:
    """The nodes where the actor may do it, those above and those below; None: everywhere."""
    assert use_case.permission is not None
    held = granted(unit.actor, use_case.permission)
    if INSTANCE in held:
        return None
    above = {each.id for node in held for each in unit.tx.tree.ancestors(node)}
    return {INSTANCE, *above, *(node.id for node in unit.nodes(use_case))} if above else set()


def add_person(actor: Actor, tools: PeopleTools, new: Person) -> Invitation:
    """Somebody new, with the link by which they set their password: shown once. Raises PlumblineError ``name-wrong``
    or ``person-exists``."""
    with tools.units.change(actor) as unit:
        unit.require(use_cases.ADD_PERSON)
        person = msgspec.structs.replace(new, name=person_name(new.name), created=unit.now)
        added = unit.tx.people.add(person)
        unit.record(added.name, events.PersonCreated(name=added.name, by=actor.name))
        return make_invitation(unit, tools, added)


def change_person(
    actor: Actor,
    tools: PeopleTools,
    person: int,
    *,
    title: str | None = None,
    email: str | None = None,
    active: bool | None = None,
) -> Person:
    """Change what is given. Raises PlumblineError ``not-found`` or ``last-administrator``."""
    given = {"title": title, "email": email, "active": active}
    with tools.units.change(actor) as unit:
        unit.require(use_cases.CHANGE_PERSON)
        before = known_person(unit.tx, person)
        after = msgspec.structs.replace(before, **{key: value for key, value in given.items() if value is not None})
        return save_changes(unit, before, after)


def save_changes(unit: UnitOfWork, before: Person, after: Person) -> Person:
    """Switched off, a person's sessions, tokens and invitation end. The last administrator stays."""
    by = unit.actor.name
    fields = tuple(
        name for name in ("title", "email", "language", "active") if getattr(before, name) != getattr(after, name)
    )
    if not fields:
        return before
    if before.active and not after.active:
        keep_an_administrator(unit.tx, before.id)
        unit.tx.sessions.remove_all(before.id)
        end_invitation(unit.tx, before.id)
        for token in unit.tx.tokens.of(before.id):
            if unit.tx.tokens.revoke(token.id, unit.now):
                unit.record(token.id, events.TokenRevoked(person=before.name, by=by))
        unit.record(before.name, events.PersonDeactivated(by=by))
    elif after.active and not before.active:
        unit.record(before.name, events.PersonReactivated(by=by))
    unit.tx.people.save(after)
    unit.record(before.name, events.PersonChanged(by=by, fields=fields))
    return after
