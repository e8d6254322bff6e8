"""What runs where: the environments of a project, of all below a node, or of the whole estate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.pipelines.standings import TIERS, list_environments
from plumbline.flow.tree.read_tree import list_nodes
from plumbline.kernel import t
from plumbline.web.environments import TIER_TITLES
from plumbline.web.page import Ask, Shown, api_command, shows
from plumbline.web.places import Entry, Group, Where
from plumbline.web.tree import find

if TYPE_CHECKING:
    from plumbline.model.tree import Node

_DRAWN = "M8 2l6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3"
MOST = 500  # environments on one page


@shows(
    "/nodes/{node:int}/environments",
    use_case=(use_cases.VIEW_NODE, use_cases.LIST_PIPELINES),
    entries=(Entry("environments", t("Environments"), Group.RELEASE, drawn=_DRAWN),),
)
def environments(ask: Ask) -> Shown:
    node, ancestors = find(ask, ask.numbers["node"])
    return _shown(ask, node, ancestors)


@shows(
    "/environments",
    use_case=use_cases.LIST_PIPELINES,
    entries=(Entry("environments", t("Environments"), Group.RELEASE, Where.ESTATE, drawn=_DRAWN),),
)
def everywhere(ask: Ask) -> Shown:
    return _shown(ask, None, ())


def _shown(ask: Ask, node: Node | None, ancestors: tuple[Node, ...]) -> Shown:
    tier = ask.text("tier") if ask.text("tier") in TIERS else ""
    found = list_environments(ask.actor, ask.tools.pipelines, node.id if node else None)
    wanted = [one for one in found if not tier or one.tier == tier]
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "environments": sorted(wanted, key=lambda one: one.failed is None)[:MOST],  # the worst first
        "more": max(0, len(wanted) - MOST),
        "tier": tier,
        "tiers": [(name, TIER_TITLES[name], sum(one.tier == name for one in found)) for name in TIERS],
        "tier_titles": TIER_TITLES,
        "projects": {one.id: one for one in list_nodes(ask.actor, ask.tools.tree)},
        "command": api_command("/pipelines"),
    }
    return Shown("environments.html", values)


PART = (environments, everywhere)
