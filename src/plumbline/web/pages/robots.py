"""Robots: programs that pull and push at a project, whoever comes and goes."""

from __future__ import annotations

from plumbline.access import Permission, use_cases
from plumbline.flow.artifacts.robots import list_robots, make_robot, revoke_robot
from plumbline.flow.tree.read_tree import permitted
from plumbline.kernel import t
from plumbline.web.artifact_words import host
from plumbline.web.done import Done
from plumbline.web.limits import checked_line
from plumbline.web.page import Ask, Redirect, Shown, does, shows
from plumbline.web.panels import keeps
from plumbline.web.tree import find
from plumbline.web.words import SECOND

_READ, _WRITE, _DELETE = Permission.ARTIFACT_DOWNLOAD, Permission.ARTIFACT_WRITE, Permission.ARTIFACT_DELETE
SCOPES = {
    "pull": ((_READ,), t("pull")),
    "push": ((_READ, _WRITE), t("pull and push")),
    "all": ((_READ, _WRITE, _DELETE), t("pull, push and delete")),
}
_TITLES = {_READ.value: t("pull"), _WRITE.value: t("push"), _DELETE.value: t("delete")}


@shows("/projects/{node:int}/robots", use_case=use_cases.LIST_ROBOTS, inside="artifacts")
def robots(ask: Ask) -> Shown:
    node, ancestors = find(ask, ask.numbers["node"])
    (manages,) = permitted(ask.actor, ask.tools.tree, node.id, use_cases.WRITE_ROBOT)
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "robots": list_robots(ask.actor, ask.tools.artifacts, node.id),
        "manages": manages,
        "scopes": [(name, title) for name, (_, title) in SCOPES.items()],
        "scope_titles": _TITLES,
        "signing_in": f"podman login -u ROBOT {host(ask)}",
    }
    return Shown("robots.html", values)


@does("/projects/{node:int}/robots", use_case=use_cases.WRITE_ROBOT, done=Done.NOTHING, inside="artifacts")
@keeps(robots)
def make(ask: Ask) -> Shown:
    node, name = ask.numbers["node"], checked_line(ask.text("name")).strip()
    scopes, _ = SCOPES.get(ask.text("scope"), SCOPES["pull"])
    expires = ask.now + ask.number("days") * 86_400 * SECOND
    made = make_robot(ask.actor, ask.tools.artifacts, node, name, [one.value for one in scopes], expires)
    values = {
        "title": t("Robot '{name}'", name=made.robot.name),
        "text": t("With this it comes in. Keep it now: it is not shown again, and nobody can look it up."),
        "secret": made.text,
        "back": f"/projects/{node}/robots",
        "here": f"/projects/{node}/robots",
    }
    return Shown("once.html", values)


@does("/projects/{node:int}/robots/revoke", use_case=use_cases.WRITE_ROBOT, done=Done.REMOVED)
def revoke(ask: Ask) -> Redirect:
    node = ask.numbers["node"]
    revoke_robot(ask.actor, ask.tools.artifacts, node, ask.number("robot"))
    return Redirect(f"/projects/{node}/robots")


PART = (robots, make, revoke)
