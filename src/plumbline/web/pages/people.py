"""People and the roles they have in the tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.access import ROLES, Permission
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.person import Role
from plumbline.model.tree import INSTANCE
from plumbline.web.estate import where
from plumbline.web.limits import checked_line
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import Held, held, keeps

if TYPE_CHECKING:
    from plumbline.kernel import Text
    from plumbline.model.person import Person


@dataclass(frozen=True, slots=True)
class Listed:
    person: Person
    grants: list[Held]


@shows("/people")
def everybody(ask: Ask) -> Shown:
    people = ask.desk.people(ask.visitor)
    nodes = ask.desk.nodes(ask.visitor)
    values = {
        "people": [Listed(person, held(ask, person.id, nodes)) for person in people],
        "manages": ask.desk.may(ask.visitor, Permission.PEOPLE_MANAGE, INSTANCE),
        "command": api_command("/people"),
    }
    return Shown("people.html", values)


@does("/people")
@keeps(everybody)
def add(ask: Ask) -> Shown:
    name, title, email = (checked_line(ask.text(key)) for key in ("name", "title", "email"))
    return _once(t("Invitation for {name}", name=name), ask.desk.add_person(ask.visitor, name, title, email), "/people")


def _once(title: Text, link: str, back: str) -> Shown:
    text = t("Hand this to the person; it works once and is not shown again. With it the password is set.")
    return Shown("once.html", {"title": title, "text": text, "secret": link, "back": back, "here": back})


@shows("/people/{person:int}")
def one(ask: Ask) -> Shown:
    person = _find(ask)
    nodes = ask.desk.nodes(ask.visitor)
    manages = ask.desk.may(ask.visitor, Permission.PEOPLE_MANAGE, INSTANCE) and person.id != ask.visitor.person.id
    values = {
        "person": person,
        "grants": held(ask, person.id, nodes),
        "nodes": where(ask, nodes, Permission.ROLE_GRANT),
        "roles": list(ROLES.values()),
        "manages": manages,
        "way_in": ask.desk.invitation_state(ask.visitor, person.id) if manages else None,
        "command": api_command(f"/people/{person.id}"),
        "everywhere": ask.desk.may(ask.visitor, Permission.ROLE_GRANT, INSTANCE),
    }
    return Shown("person.html", values)


@does("/people/{person:int}/active")
def set_active(ask: Ask) -> Redirect:
    ask.desk.set_active(ask.visitor, ask.numbers["person"], ask.text("active") == "1")
    return _back(ask)


@does("/people/{person:int}/invitation")
@keeps(one)
def invite(ask: Ask) -> Shown:
    person = _find(ask)
    link = ask.desk.invite(ask.visitor, person.id)
    return _once(t("A new link for {name}", name=person.name), link, f"/people/{person.id}")


@does("/people/{person:int}/grant")
@keeps(one)
def grant(ask: Ask) -> Redirect:
    ask.desk.grant(ask.visitor, ask.numbers["person"], ask.number("node"), _role(ask))
    return _back(ask)


@does("/people/{person:int}/revoke")
def revoke(ask: Ask) -> Redirect:
    ask.desk.revoke(ask.visitor, ask.numbers["person"], ask.number("node"), _role(ask))
    return _back(ask)


def _find(ask: Ask) -> Person:
    for person in ask.desk.people(ask.visitor):
        if person.id == ask.numbers["person"]:
            return person
    raise PlumblineError("not-found", t("There is no such person."), kind=ErrorKind.REFUSED)


def _role(ask: Ask) -> Role:
    try:
        return Role(ask.text("role"))
    except ValueError:
        raise PlumblineError("invalid-request", t("Choose a role."), kind=ErrorKind.CONFIGURATION) from None


def _back(ask: Ask) -> Redirect:
    return Redirect(f"/people/{ask.numbers['person']}")


PART = (everybody, add, one, set_active, invite, grant, revoke)
