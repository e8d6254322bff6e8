"""Who belongs to a node: who holds which role there, and which roles come down from above."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import ROLES, use_cases
from plumbline.flow.people.people import seen_people
from plumbline.flow.people.roles import may_hand_out
from plumbline.model.person import Grant, Person, Role
from plumbline.model.tree import INSTANCE, Node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.people.tools import PeopleTools


class Member(NamedTuple):
    """``place``: where the role was granted; None: for the whole installation. ``revocable``: the actor may take it
    away at the node that is looked at."""

    person: Person
    grant: Grant
    place: Node | None
    revocable: bool


class Members(NamedTuple):
    """``here`` by name of the person, ``above`` nearest first. ``grants``: the roles that the actor may grant here.
    ``known``: people whom the actor sees, here or elsewhere, and may grant one of them."""

    here: Sequence[Member]
    above: Sequence[Member]
    grants: Sequence[Role]
    known: Sequence[Person]


def view_members(actor: Actor, tools: PeopleTools, node: int) -> Members:
    """Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        ancestors = unit.require(use_cases.LIST_MEMBERS, node)
        places: dict[int, Node | None] = {one.id: one for one in ancestors}
        places[INSTANCE] = None
        near = {place: distance for distance, place in enumerate(places)}
        people = {person.id: person for person in unit.tx.people.all()}
        grants = [one for one in unit.tx.grants.at(list(places)) if one.person in people]
        grants.sort(key=lambda one: (near[one.node], people[one.person].name, list(Role).index(one.role)))
        granting, revoking = unit.may(use_cases.GRANT_ROLE, node), unit.may(use_cases.REVOKE_ROLE, node)
        members = [
            Member(
                people[one.person],
                one,
                places[one.node],
                one.node == node
                and revoking
                and (one.person == actor.person.id or may_hand_out(actor, use_cases.REVOKE_ROLE, one.role, ancestors)),
            )
            for one in grants
        ]
        roles = [role for role in ROLES if granting and may_hand_out(actor, use_cases.GRANT_ROLE, role, ancestors)]
        known = seen_people(unit, use_cases.LIST_PEOPLE)
        return Members(
            here=[one for one in members if one.grant.node == node],
            above=[one for one in members if one.grant.node != node],
            grants=roles,
            known=[one for one in known if one.active and one.id != actor.person.id],
        )
