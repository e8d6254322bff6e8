"""What people are at the nodes of the tree. Nobody gives what they may not do themselves, and nothing to themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import ROLES, may, use_cases
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.people.credentials import LONGEST_NAME, known_person, refusal
from plumbline.kernel import t
from plumbline.model.person import Grant, Role
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor, Permission, UseCase
    from plumbline.flow.people.tools import PeopleTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.person import Person
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.tree import Node


class HeldRole(NamedTuple):
    grant: Grant
    path: str  # of the node; "/" for the whole installation


class Grantable(NamedTuple):
    """Where somebody may grant roles."""

    everywhere: bool
    nodes: Sequence[Node]  # by path


def held_roles(tx: Transaction, grants: Sequence[Grant]) -> list[HeldRole]:
    nodes = {node: tx.tree.get(node) for node in {grant.node for grant in grants} - {INSTANCE}}
    return [HeldRole(grant, found.path if (found := nodes.get(grant.node)) else "/") for grant in grants]


def where_to_grant(actor: Actor, tools: PeopleTools) -> Grantable:
    """For showing only what can be done."""
    with tools.units.view(actor) as unit:
        return Grantable(unit.may(use_cases.GRANT_ROLE), unit.nodes(use_cases.GRANT_ROLE))


def grant_role(actor: Actor, tools: PeopleTools, person: int | str, role: Role, node: int) -> bool:
    """False where the person, by number or name, has it there already. Raises PlumblineError ``not-found``,
    ``no-such-person``, ``role-to-oneself`` or ``role-too-wide``."""
    with tools.units.change(actor) as unit:
        ancestors = unit.require(use_cases.GRANT_ROLE, node)
        found = _named(unit.tx, person) if isinstance(person, str) else known_person(unit.tx, person)
        if unit.breaks_duty(use_cases.GRANT_ROLE, found.name):
            raise refusal("role-to-oneself", t("Nobody grants a role to themselves."), t("Ask somebody else to do it."))
        _may_hand_out(unit, use_cases.GRANT_ROLE, role, ancestors)
        if not unit.tx.grants.add(Grant(person=found.id, node=node, role=role, by=actor.person.id, at=unit.now)):
            return False
        unit.record(found.name, events.RoleGranted(
            person=found.name, role=role.value, node=_place(ancestors), by=actor.name))  # fmt: skip
        return True


def revoke_role(actor: Actor, tools: PeopleTools, person: int, role: Role, node: int) -> bool:
    """False where there was nothing to take. Who could not grant a role does not take it from others either, but gives
    up their own. Raises PlumblineError ``not-found``, ``role-too-wide`` or ``last-administrator``."""
    with tools.units.change(actor) as unit:
        ancestors = unit.require(use_cases.REVOKE_ROLE, node)
        found = known_person(unit.tx, person)
        if person != actor.person.id:
            _may_hand_out(unit, use_cases.REVOKE_ROLE, role, ancestors)
        if role is Role.ADMIN and node == INSTANCE:
            keep_an_administrator(unit.tx, person)
        if not unit.tx.grants.remove(person, node, role):
            return False
        unit.record(found.name, events.RoleRevoked(
            person=found.name, role=role.value, node=_place(ancestors), by=actor.name))  # fmt: skip
        return True


def keep_an_administrator(tx: Transaction, person: int) -> None:
    """Raises PlumblineError ``last-administrator`` where there would be none without this person."""
    others = {grant.person for grant in tx.grants.having(Role.ADMIN) if grant.node == INSTANCE} - {person}
    if not any((found := tx.people.get(other)) and found.active for other in others):
        raise refusal(
            "last-administrator",
            t("There would be no administrator left."),
            t("Make somebody else an administrator first."),
        )


def may_hand_out(actor: Actor, use_case: UseCase, role: Role, ancestors: Sequence[Node]) -> bool:
    """For showing only what can be done."""
    return not _missing(actor, use_case, role, ancestors)


def _missing(actor: Actor, use_case: UseCase, role: Role, ancestors: Sequence[Node]) -> Sequence[Permission]:
    """Administrators hand out every role where they are administrators; others only what they may do themselves."""
    if may(actor, use_case.also[0].permission, ancestors):
        return ()
    return [each for each in sorted(ROLES[role].permissions) if not may(actor, each, ancestors)]


def _named(tx: Transaction, name: str) -> Person:
    found = tx.people.named(name.strip().lower())
    if found is None:
        raise refusal(
            "no-such-person",
            t("There is nobody named {name}.", name=name[:LONGEST_NAME]),
            t("Write the name that they sign in with. Somebody new is invited first, by who manages people."),
        )
    return found


def _may_hand_out(unit: UnitOfWork, use_case: UseCase, role: Role, ancestors: Sequence[Node]) -> None:
    actor, missing = unit.actor, _missing(unit.actor, use_case, role, ancestors)
    if missing:
        raise refusal(
            "role-too-wide",
            t("The role {role} may do what {name} may not: {title}", role=ROLES[role].title, name=actor.name,
              title=missing[0].meaning),
            t("An administrator can grant it."),
        )  # fmt: skip


def _place(ancestors: Sequence[Node]) -> str:
    return ancestors[0].path if ancestors else "/"
