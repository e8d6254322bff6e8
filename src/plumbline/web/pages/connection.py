"""How a project hears of changes in its repository: is it reached, who tells of them, what came lately."""

from __future__ import annotations

from typing import Any

from plumbline.access import settings as node_settings
from plumbline.access import use_cases
from plumbline.flow.gates.telling_seen import list_tellings, problem_said, subject_said
from plumbline.flow.pipelines.try_connection import try_connection
from plumbline.flow.tree.bind_repository import (
    hook_lines,
    hook_path,
    list_deliveries,
    may_write_hook,
    renew_webhook,
    write_hook,
)
from plumbline.flow.tree.read_tree import permitted
from plumbline.kernel import PlumblineError, t
from plumbline.web.done import Done
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import keeps
from plumbline.web.places import PROJECTS, Entry, Group
from plumbline.web.project import frame
from plumbline.web.told import TOLD, WHY

LATELY = 10  # deliveries
LOOKS = (60, 300, 3600)  # seconds between two, to choose from
PATIENCE = 10.0  # seconds for a repository that says nothing
_PAGE = "/projects/{node:int}/connection"
_DRAWN = "M5.5 10.5l5-5M7 5l1.5-1.5a2.5 2.5 0 0 1 4 4L11 9M9 11l-1.5 1.5a2.5 2.5 0 0 1-4-4L5 7"


@shows(
    _PAGE,
    use_case=(use_cases.LIST_DELIVERIES, use_cases.VIEW_REPOSITORY, use_cases.LIST_TELLINGS),
    entries=(Entry("connection", t("Connection"), Group.OWN, kinds=PROJECTS, order=8, drawn=_DRAWN),),
)
def connection(ask: Ask) -> Shown:
    return Shown("connection.html", _values(ask))


@does(f"{_PAGE}/test", use_case=use_cases.TEST_CONNECTION, patience=PATIENCE, done=Done.NOTHING)
def test(ask: Ask) -> Shown:
    """What was found, or what is wrong with it: the page says either."""
    found, wrong = None, None
    try:
        found = try_connection(ask.actor, ask.tools.pipelines, ask.numbers["node"])
    except PlumblineError as error:
        if error.code in ("not-allowed", "not-found", "not-signed-in"):
            raise
        wrong = error
    return _shown_again(ask, found=found, wrong=wrong, tested=True)


@does(f"{_PAGE}/secret", use_case=use_cases.RENEW_WEBHOOK, done=Done.NOTHING)
@keeps(connection)
def secret(ask: Ask) -> Shown:
    return _shown_again(ask, secret=renew_webhook(ask.actor, ask.tools.tree, ask.numbers["node"]))


@does(f"{_PAGE}/hook", use_case=use_cases.BIND_REPOSITORY)
@keeps(connection)
def hook(ask: Ask) -> Redirect:
    write_hook(ask.actor, ask.tools.tree, ask.numbers["node"])
    return Redirect(f"/projects/{ask.numbers['node']}/connection")


def _values(ask: Ask, **more: Any) -> dict[str, Any]:
    values, node = frame(ask, "connection")
    tree, bound = ask.tools.tree, values["repository"]
    given = {"found": None, "wrong": None, "tested": False, "secret": "", **more}
    return {
        **values,
        **given,
        "command": api_command(f"/projects/{node}/deliveries"),
        "forge": tree.forges.get(bound.kind) if bound else None,
        "address": tree.url + hook_path(bound) if bound else "",
        "lines": hook_lines(tree, bound, given["secret"] or str(t("THE-SECRET"))) if bound else "",
        "writes": permitted(ask.actor, tree, node, use_cases.BIND_REPOSITORY)[0],
        "writes_hook": bound is not None and may_write_hook(ask.actor, tree, bound),
        "looks": LOOKS,
        "every": bound.poll or node_settings.REPOSITORY_LOOK.at(values["ancestors"][::-1]) if bound else 0,
        "deliveries": list_deliveries(ask.actor, tree, node, LATELY),
        "tellings": _tellings(ask, node),
        "told": TOLD,
        "why": WHY,
    }


def _tellings(ask: Ask, node: int) -> dict[str, Any]:
    """What the forge is told of gates; of all that was given up for one reason, the newest."""
    gates = ask.tools.gates
    seen = list_tellings(ask.actor, gates.units, gates.told_kinds, node)
    given_up = {one.problem: one for one in reversed(seen.stopped)}
    return {
        "why_not": seen.why_not,
        "waiting": seen.waiting,
        "told": sum(one.told == one.version for one in seen.tellings),
        "given_up": [(subject_said(one), problem_said(one), one.detail) for one in given_up.values()],
    }


def _shown_again(ask: Ask, **more: Any) -> Shown:
    """The page itself is the answer: what it says is kept nowhere."""
    here = f"/projects/{ask.numbers['node']}/connection"
    return Shown("connection.html", {**_values(ask, **more), "here": here})


PART = (connection, test, secret, hook)
