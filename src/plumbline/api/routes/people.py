"""Who there is, which roles they have, and everybody's tokens."""

from __future__ import annotations

from typing import Literal

import msgspec

from plumbline.access import Permission
from plumbline.api.call import Call
from plumbline.api.fields import Id, Line, Name, NodeId
from plumbline.api.problem import not_found
from plumbline.api.route import route
from plumbline.api.shown import TokenId, TokenList, view_token
from plumbline.flow.people.invitations import invite
from plumbline.flow.people.manage_access import add_person, change_person, grant_role, revoke_role, revoke_token
from plumbline.kernel import t
from plumbline.model.person import Grant, Person, Role
from plumbline.model.ports.transaction import Transaction
from plumbline.model.tree import INSTANCE


class PersonList(msgspec.Struct, frozen=True, kw_only=True):
    people: list[Person]


class PersonDetail(msgspec.Struct, frozen=True, kw_only=True):
    person: Person
    grants: list[Grant]


class NewPerson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    title: Line = ""
    email: Line = ""
    language: Literal["", "en", "zh_CN"] = ""


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """``link`` is the key of the link by which the person sets a password: shown this once."""

    person: Person
    link: str


class PersonChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: Line | None = None
    email: Line | None = None
    active: bool | None = None


class RoleAt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    role: Role
    node: NodeId = INSTANCE


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """``done`` false: it was so already."""

    done: bool


@route("GET", "/people", t("Everybody, by name."))
def list_people(call: Call) -> PersonList:
    with call.service.store.view() as tx:
        call.require(tx, Permission.PEOPLE_VIEW, INSTANCE)
        return PersonList(people=list(tx.people.all()))


@route("GET", "/people/{person}", t("One person with their roles."))
def get_person(call: Call, person: Id) -> PersonDetail:
    with call.service.store.view() as tx:
        found = _person(call, tx, person, Permission.PEOPLE_VIEW)
        return PersonDetail(person=found, grants=list(tx.grants.of(person)))


@route("POST", "/people", t("Add somebody, who sets a password with the link of the answer."), status=201,
       refusals=(409,))  # fmt: skip
def create_person(call: Call, body: NewPerson) -> Invited:
    new = Person(id=0, name=body.name.lower(), title=body.title, email=body.email, language=body.language)
    with call.service.store.change() as tx:
        call.require(tx, Permission.PEOPLE_MANAGE, INSTANCE)
        person, link = add_person(call.service, tx, call.moment, call.me.standing, new)
    return Invited(person=person, link=link)


@route("POST", "/people/{person}/invitation", t("A new link for a person who has not set a password yet, or lost it."),
       status=201, refusals=(409,))  # fmt: skip
def create_invitation(call: Call, person: Id) -> Invited:
    with call.service.store.change() as tx:
        found = _person(call, tx, person, Permission.PEOPLE_MANAGE)
        return Invited(person=found, link=invite(call.service, tx, call.moment, call.me.standing, found))


@route("PATCH", "/people/{person}", t("Change a person, or switch them off."), refusals=(409,))
def update_person(call: Call, person: Id, body: PersonChange) -> Person:
    given = {name: value for name in body.__struct_fields__ if (value := getattr(body, name)) is not None}
    with call.service.store.change() as tx:
        before = _person(call, tx, person, Permission.PEOPLE_MANAGE)
        return change_person(tx, call.moment, call.me.standing, before, msgspec.structs.replace(before, **given))


@route("PUT", "/people/{person}/roles", t("Grant a role at a node, and at every node below it."))
def create_grant(call: Call, person: Id, body: RoleAt) -> Done:
    with call.service.store.change() as tx:
        ancestors = call.require(tx, Permission.ROLE_GRANT, body.node)
        found = _existing(tx, person)
        return Done(done=grant_role(tx, call.moment, call.me.standing, found, body.role, ancestors))


@route("DELETE", "/people/{person}/roles", t("Revoke a role at a node."), refusals=(409,))
def revoke_grant(call: Call, person: Id, query: RoleAt) -> Done:
    with call.service.store.change() as tx:
        ancestors = call.require(tx, Permission.ROLE_GRANT, query.node)
        found = _existing(tx, person)
        return Done(done=revoke_role(tx, call.moment, call.me.standing, found, query.role, ancestors))


@route("GET", "/tokens", t("Everybody's API tokens, without their secrets."))
def list_tokens(call: Call) -> TokenList:
    with call.service.store.view() as tx:
        call.require(tx, Permission.TOKEN_VIEW, INSTANCE)
        return TokenList(tokens=[view_token(token) for token in tx.tokens.of(None)])


@route("DELETE", "/tokens/{token}", t("Revoke an API token of anybody."), status=204)
def delete_token(call: Call, token: TokenId) -> None:
    with call.service.store.change() as tx:
        call.require(tx, Permission.TOKEN_MANAGE, INSTANCE)
        found = tx.tokens.get(token)
        if found is None:
            raise not_found(t("There is no token {token}.", token=token))
        revoke_token(tx, call.moment, call.me.standing, found)


def _person(call: Call, tx: Transaction, person: int, permission: Permission) -> Person:
    call.require(tx, permission, INSTANCE)
    return _existing(tx, person)


def _existing(tx: Transaction, person: int) -> Person:
    found = tx.people.get(person)
    if found is None:
        raise not_found(t("There is no person {person}.", person=person))
    return found


PART = (
    list_people,
    get_person,
    create_person,
    create_invitation,
    update_person,
    create_grant,
    revoke_grant,
    list_tokens,
    delete_token,
)
