"""Who belongs to a node: roles that are held there and from above, granted and taken away."""

from __future__ import annotations

from plumbline.access import ROLES, use_cases
from plumbline.flow.people.members import view_members
from plumbline.flow.people.roles import grant_role, revoke_role
from plumbline.kernel import t
from plumbline.web.limits import checked_line
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import keeps, role_on
from plumbline.web.places import Entry, Group
from plumbline.web.tree import find

_DRAWN = "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M1.5 13.5c.5-2.6 2.2-3.7 4.5-3.7s4 1.1 4.5 3.7M11 7h4M13 5v4"


@shows("/nodes/{node:int}/members", use_case=use_cases.LIST_MEMBERS, entries=(
    Entry("members", t("Members"), Group.OWN, order=5, drawn=_DRAWN),))  # fmt: skip
def members(ask: Ask) -> Shown:
    node, ancestors = find(ask, ask.numbers["node"])
    found = view_members(ask.actor, ask.tools.people, node.id)
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "members": found,
        "titles": {role: spec.title for role, spec in ROLES.items()},
        "reasons": {role: spec.why for role, spec in ROLES.items()},
        "command": api_command(f"/nodes/{node.id}/members"),
    }
    return Shown("members.html", values)


@does("/nodes/{node:int}/members", use_case=use_cases.GRANT_ROLE)
@keeps(members)
def grant(ask: Ask) -> Redirect:
    node, person = ask.numbers["node"], checked_line(ask.text("person"))
    grant_role(ask.actor, ask.tools.people, person, role_on(ask), node)
    return _back(node)


@does("/nodes/{node:int}/members/revoke", use_case=use_cases.REVOKE_ROLE)
@keeps(members)
def revoke(ask: Ask) -> Redirect:
    node = ask.numbers["node"]
    revoke_role(ask.actor, ask.tools.people, ask.number("person"), role_on(ask), node)
    return _back(node)


def _back(node: int) -> Redirect:
    return Redirect(f"/nodes/{node}/members")


PART = (members, grant, revoke)
