"""Who there is, which roles they have, and everybody's tokens."""

from __future__ import annotations

from typing import Literal

import msgspec

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import ForgeWord, Id, Line, Name, NodeId
from plumbline.api.route import route
from plumbline.api.shown import TokenId, TokenList, view_token
from plumbline.flow.people import identities, people, tokens
from plumbline.flow.people.invitations import Invitation, invite
from plumbline.flow.people.members import Member, view_members
from plumbline.flow.people.roles import grant_role, revoke_role
from plumbline.kernel import t
from plumbline.model.person import Alias, Grant, Person, Role
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


class Identity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``forge``: a kind of forge, where ``name`` is who signs in there; empty: ``name`` is an e-mail address."""

    name: Line
    forge: ForgeWord = ""


class IdentityList(msgspec.Struct, frozen=True, kw_only=True):
    identities: list[Alias]


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """``node`` and ``place``: where the role was granted; 0 and ``/``: for the whole installation."""

    person: Id
    name: str
    title: str
    active: bool
    role: Role
    node: NodeId
    place: str


class MemberList(msgspec.Struct, frozen=True, kw_only=True):
    """Those of the node by name, then those of the nodes above it, the nearest first."""

    members: list[MemberView]


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """``done`` false: it was so already."""

    done: bool


@route("GET", "/people", t("Everybody, by name."), use_case=use_cases.LIST_PEOPLE)
def list_people(call: Call) -> PersonList:
    return PersonList(people=list(people.list_people(call.actor, call.tools.people)))


@route("GET", "/people/{person}", t("One person with their roles."), use_case=use_cases.VIEW_PERSON)
def get_person(call: Call, person: Id) -> PersonDetail:
    found = people.view_person(call.actor, call.tools.people, person)
    return PersonDetail(person=found.person, grants=[held.grant for held in found.roles])


@route("POST", "/people", t("Add somebody, who sets a password with the link of the answer."),
       use_case=use_cases.ADD_PERSON, status=201, refusals=(409,))  # fmt: skip
def create_person(call: Call, body: NewPerson) -> Invited:
    new = Person(id=0, name=body.name, title=body.title, email=body.email, language=body.language)
    return _invited(people.add_person(call.actor, call.tools.people, new))


@route("POST", "/people/{person}/invitation", t("A new link for a person who has not set a password yet, or lost it."),
       use_case=use_cases.INVITE_PERSON, status=201, refusals=(409,))  # fmt: skip
def create_invitation(call: Call, person: Id) -> Invited:
    return _invited(invite(call.actor, call.tools.people, person))


@route("PATCH", "/people/{person}", t("Change a person, or switch them off."), use_case=use_cases.CHANGE_PERSON,
       refusals=(409,))  # fmt: skip
def update_person(call: Call, person: Id, body: PersonChange) -> Person:
    return people.change_person(call.actor, call.tools.people, person, title=body.title, email=body.email,
                                active=body.active)  # fmt: skip


@route("PUT", "/people/{person}/roles", t("Grant a role at a node, and at every node below it."),
       use_case=use_cases.GRANT_ROLE)  # fmt: skip
def create_grant(call: Call, person: Id, body: RoleAt) -> Done:
    return Done(done=grant_role(call.actor, call.tools.people, person, body.role, body.node))


@route("DELETE", "/people/{person}/roles", t("Revoke a role at a node."), use_case=use_cases.REVOKE_ROLE,
       refusals=(409,))  # fmt: skip
def revoke_grant(call: Call, person: Id, query: RoleAt) -> Done:
    return Done(done=revoke_role(call.actor, call.tools.people, person, query.role, query.node))


@route("GET", "/nodes/{node}/members", t("Who holds which role at a node: granted there, and above it."),
       use_case=use_cases.LIST_MEMBERS)  # fmt: skip
def list_members(call: Call, node: Id) -> MemberList:
    found = view_members(call.actor, call.tools.people, node)
    return MemberList(members=[_member(one) for one in (*found.here, *found.above)])


@route("GET", "/people/{person}/identities", t("The accounts at forges and the addresses that are a person's."),
       use_case=use_cases.VIEW_PERSON)  # fmt: skip
def list_identities(call: Call, person: Id) -> IdentityList:
    return IdentityList(identities=list(identities.list_identities(call.actor, call.tools.people, person)))


@route("PUT", "/people/{person}/identities",
       t("Say that an account at a forge, or an address, is this person's: reviews count by that."),
       use_case=use_cases.LINK_IDENTITY, refusals=(409,))  # fmt: skip
def create_identity(call: Call, person: Id, body: Identity) -> Done:
    return Done(done=identities.link_identity(call.actor, call.tools.people, person, body.forge, body.name))


@route("DELETE", "/people/{person}/identities", t("Take back that an account or an address is this person's."),
       use_case=use_cases.UNLINK_IDENTITY)  # fmt: skip
def remove_identity(call: Call, person: Id, query: Identity) -> Done:
    return Done(done=identities.unlink_identity(call.actor, call.tools.people, person, query.forge, query.name))


@route("GET", "/tokens", t("Everybody's API tokens, without their secrets."), use_case=use_cases.LIST_TOKENS)
def list_tokens(call: Call) -> TokenList:
    return TokenList(tokens=[view_token(token) for token in tokens.list_tokens(call.actor, call.tools.people)])


@route("DELETE", "/tokens/{token}", t("Revoke an API token of anybody."), use_case=use_cases.REVOKE_TOKEN, status=204)
def delete_token(call: Call, token: TokenId) -> None:
    tokens.revoke_token(call.actor, call.tools.people, token)


def _member(one: Member) -> MemberView:
    place = one.place.path if one.place is not None else "/"
    return MemberView(person=one.person.id, name=one.person.name, title=one.person.title, active=one.person.active,
                      role=one.grant.role, node=one.grant.node, place=place)  # fmt: skip


def _invited(made: Invitation) -> Invited:
    return Invited(person=made.person, link=made.secret)


PART = (
    list_people,
    get_person,
    create_person,
    create_invitation,
    update_person,
    create_grant,
    revoke_grant,
    list_members,
    list_identities,
    create_identity,
    remove_identity,
    list_tokens,
    delete_token,
)
