"""A person's day: what waits for them, and how the estate is; the estate alone, as a wall; and all of their work."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from plumbline.access import use_cases
from plumbline.flow.my_work import NEWEST
from plumbline.flow.pipelines.standings import project_standings
from plumbline.flow.tree.read_tree import list_nodes
from plumbline.flow.tree.stars import starred
from plumbline.kernel import t
from plumbline.web.page import Ask, Shown, api_command, shows
from plumbline.web.panels import beginning
from plumbline.web.places import Entry, Group, Where
from plumbline.web.tour import on_home
from plumbline.web.wall import starred_tiles, wall_values, walls
from plumbline.web.work import WORK_KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.tree import Node

_SHOWN = 8  # things that wait, on the page of the day
_HOUSE = "M2.5 7.5L8 2.5l5.5 5v6h-11z"
_TILES = "M2.5 3h4.5v4H2.5zM9 3h4.5v4H9zM2.5 9h4.5v4H2.5zM9 9h4.5v4H9z"


@shows(
    "/",
    use_case=(use_cases.LIST_NODES, use_cases.LIST_PIPELINES),
    entries=(Entry("home", t("Home"), Group.OVERVIEW, Where.ESTATE, drawn=_HOUSE),),
)
def home(ask: Ask) -> Shown:
    if ask.text("kiosk") == "1":
        return Shown("wall.html", _estate(ask, list_nodes(ask.actor, ask.tools.tree)))
    items, nodes = ask.counts.work_now(ask.actor, ask.tools), list_nodes(ask.actor, ask.tools.tree)
    estate = _estate(replace(ask, query={}), nodes)  # all of it
    tiles = starred_tiles(starred(ask.actor, ask.tools.tree), nodes, estate["groups"])
    more = {"items": items[:_SHOWN], "work_kinds": WORK_KINDS, "starred": tiles, "tour": on_home(ask)}
    return Shown("home.html", {**estate, **more})


@shows(
    "/estate",
    use_case=(use_cases.LIST_NODES, use_cases.LIST_PIPELINES),
    entries=(Entry("estate", t("Wall"), Group.OVERVIEW, Where.ESTATE, order=1, drawn=_TILES),),
)
def wall(ask: Ask) -> Shown:
    return Shown("wall.html", _estate(ask, list_nodes(ask.actor, ask.tools.tree)))


def _estate(ask: Ask, nodes: Sequence[Node]) -> dict[str, Any]:
    found = walls(nodes, project_standings(ask.actor, ask.tools.pipelines))
    return {
        **wall_values(found, ask.number("node"), ask.text("look")),
        "kiosk": ask.text("kiosk") == "1",
        "query": urlencode({name: ask.text(name) for name in ("kiosk", "node", "look") if ask.text(name)}),
        "command": api_command("/pipelines"),
        **({} if found else beginning(ask)),
    }


@shows("/work", use_case=use_cases.LIST_PIPELINES, inside="home")
def work(ask: Ask) -> Shown:
    items = ask.counts.work_now(ask.actor, ask.tools)
    return Shown("work.html", {"items": items, "work_kinds": WORK_KINDS, "looked_at": NEWEST})


PART = (home, wall, work)
