"""People and the roles they have in the tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.access import ROLES, use_cases
from plumbline.flow.people import identities, invitations, people, roles
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.person import Person, fold
from plumbline.web.files import Moment
from plumbline.web.limits import checked_line
from plumbline.web.lists import Column, ListKind, listing_of
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import Held, held, keeps, role_on
from plumbline.web.places import Entry, Group, Where

if TYPE_CHECKING:
    from plumbline.flow.people.invitations import Invitation
    from plumbline.kernel import Text


@dataclass(frozen=True, slots=True)
class Listed:
    person: Person
    grants: list[Held]

    @property
    def roles(self) -> str:
        return "; ".join(str(t("{role} at {place}", role=one.role, place=one.place)) for one in self.grants)


_KIND: ListKind[Listed] = ListKind(
    "people",
    (
        Column("name", t("Name"), lambda one: one.person.name, sorts=True),
        Column("title", t("Full name"), lambda one: one.person.title, sorts=True),
        Column("email", t("E-mail"), lambda one: one.person.email, sorts=True, shown=False),
        Column("roles", t("Roles"), lambda one: one.roles),
        Column("active", t("May sign in"), lambda one: str(t("yes") if one.person.active else t("no")), sorts=True,
               shown=False),
        Column("created", t("Since"), lambda one: Moment(one.person.created), sorts=True, number=True, unit="UTC"),
    ),
    ("q",),
    key=lambda one: one.person.name,
)  # fmt: skip
_DRAWN = "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6M2.5 14c.6-3 2.8-4.3 5.5-4.3s4.9 1.3 5.5 4.3"


@shows("/people", use_case=use_cases.LIST_PEOPLE, entries=(
    Entry("people", t("People"), Group.OWN, Where.INSTALLATION, drawn=_DRAWN),))  # fmt: skip
def everybody(ask: Ask) -> Shown | Raw:
    view = people.view_people(ask.actor, ask.tools.people)
    listing = listing_of(ask, _KIND)
    words = fold(listing.chosen.get("q", ""))
    every = [Listed(one.person, held(one.roles)) for one in view.people]
    found = [one for one in every if words in fold(f"{one.person.name} {one.person.title} {one.person.email}")]
    file = listing.file_of_all(ask, found)
    if file is not None:
        return file
    values = {
        "listing": listing.with_all(found),
        "manages": view.adds,
        "command": api_command("/people"),
    }
    return Shown("people.html", values)


@does("/people", use_case=use_cases.ADD_PERSON)
@keeps(everybody)
def add(ask: Ask) -> Shown:
    name, title, email = (checked_line(ask.text(key)) for key in ("name", "title", "email"))
    new = Person(id=0, name=name, title=title, email=email)
    made = people.add_person(ask.actor, ask.tools.people, new)
    return _once(t("Invitation for {name}", name=name), made, "/people")


def _once(title: Text, made: Invitation, back: str) -> Shown:
    text = t("Hand this to the person; it works once and is not shown again. With it the password is set.")
    return Shown("once.html", {"title": title, "text": text, "secret": made.link, "back": back, "here": back})


@shows("/people/{person:int}", use_case=use_cases.VIEW_PERSON, inside="people")
def one(ask: Ask) -> Shown:
    view = people.view_person(ask.actor, ask.tools.people, ask.numbers["person"])
    person, invitation = view.person, view.invitation
    where = roles.where_to_grant(ask.actor, ask.tools.people)
    values = {
        "person": person,
        "grants": held(view.roles),
        "nodes": where.nodes,
        "roles": list(ROLES.values()),
        "manages": invitation is not None,
        "way_in": invitation,
        "command": api_command(f"/people/{person.id}"),
        "everywhere": where.everywhere,
        "aliases": view.aliases,
        "forges": ask.tools.tree.forges,
        "links": view.links,
        "reads_ledger": view.reads_ledger,
    }
    return Shown("person.html", values)


@does("/people/{person:int}/active", use_case=use_cases.CHANGE_PERSON)
def set_active(ask: Ask) -> Redirect:
    active = ask.text("active") == "1"
    people.change_person(ask.actor, ask.tools.people, ask.numbers["person"], active=active)
    return _back(ask)


@does("/people/{person:int}/invitation", use_case=use_cases.INVITE_PERSON)
@keeps(one)
def invite(ask: Ask) -> Shown:
    made = invitations.invite(ask.actor, ask.tools.people, ask.numbers["person"])
    return _once(t("A new link for {name}", name=made.person.name), made, f"/people/{made.person.id}")


@does("/people/{person:int}/grant", use_case=use_cases.GRANT_ROLE)
@keeps(one)
def grant(ask: Ask) -> Redirect:
    roles.grant_role(ask.actor, ask.tools.people, ask.numbers["person"], role_on(ask), _place(ask))
    return _back(ask)


@does("/people/{person:int}/revoke", use_case=use_cases.REVOKE_ROLE)
def revoke(ask: Ask) -> Redirect:
    roles.revoke_role(ask.actor, ask.tools.people, ask.numbers["person"], role_on(ask), _place(ask))
    return _back(ask)


@does("/people/{person:int}/link", use_case=use_cases.LINK_IDENTITY)
@keeps(one)
def link(ask: Ask) -> Redirect:
    forge, name = ask.text("forge"), checked_line(ask.text("identity"))
    identities.link_identity(ask.actor, ask.tools.people, ask.numbers["person"], forge, name)
    return _back(ask)


@does("/people/{person:int}/unlink", use_case=use_cases.UNLINK_IDENTITY)
def unlink(ask: Ask) -> Redirect:
    forge, name = ask.text("forge"), ask.text("identity")
    identities.unlink_identity(ask.actor, ask.tools.people, ask.numbers["person"], forge, name)
    return _back(ask)


def _place(ask: Ask) -> int:
    """Nothing chosen is not the whole installation."""
    if not ask.text("node").isdecimal():
        raise PlumblineError("invalid-request", t("Choose a place."), kind=ErrorKind.CONFIGURATION)
    return ask.number("node")


def _back(ask: Ask) -> Redirect:
    return Redirect(f"/people/{ask.numbers['person']}")


PART = (everybody, add, one, set_active, invite, grant, revoke, link, unlink)
