"""A node of the tree: its overview, and what is set there."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.flow.pipelines.standings import view_chains
from plumbline.flow.tree import variables
from plumbline.flow.tree.read_tree import permitted, view_node
from plumbline.flow.tree.stars import starred
from plumbline.kernel import t
from plumbline.model.tree import NodeKind
from plumbline.web.environments import TIER_TITLES
from plumbline.web.found import made_of_trunk
from plumbline.web.jobs import summary
from plumbline.web.overview import badness, figures_of, grade_of, next_steps
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import credentials_of, keeps, variables_of, written_variable
from plumbline.web.places import GROUPS, SETTINGS_DRAWN, Entry, Group
from plumbline.web.settings import settings_of
from plumbline.web.states import NONE, look_of
from plumbline.web.tree import KINDS, find, settings_address

FEW = 6  # projects of a system whose chains are drawn
WORST = 10
_ADDING = (use_cases.CREATE_PROJECT, use_cases.CREATE_NODE)


@shows(
    "/nodes/{node:int}",
    use_case=(use_cases.VIEW_NODE, use_cases.LIST_PIPELINES),
    entries=(Entry("overview", t("Overview"), Group.OVERVIEW, drawn="M2.5 7.5L8 2.5l5.5 5v6h-11z"),),
)
def overview(ask: Ask) -> Shown:
    found = view_node(ask.actor, ask.tools.tree, ask.numbers["node"])
    node, ancestors = found.ancestors[0], tuple(reversed(found.ancestors))
    chains = view_chains(ask.actor, ask.tools.pipelines, node.id, FEW)
    single = node.kind in (NodeKind.SYSTEM, NodeKind.PROJECT) and len(chains) <= FEW
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": False,
        "kind": KINDS[node.kind],
        "command": api_command(f"/nodes/{node.id}"),
        "below": found.children,
        "kinds": KINDS,
        "latest": {one.project.id: one.standing.trunk for one in chains if one.standing.trunk},
        "may_add": any(permitted(ask.actor, ask.tools.tree, node.id, *_ADDING)),
        "single": single,
        "chains": chains,
        "figures": {one.project.id: figures_of(ask, one.project.id) for one in chains} if single else {},
        "tally": summary([look_of(one.standing.trunk) if one.standing.trunk else NONE for one in chains]),
        "worst": sorted((one for one in chains if any(badness(one))), key=badness, reverse=True)[:WORST],
        "todo": next_steps(chains) if single else (),
        "tier_titles": TIER_TITLES,
        "made": {one.project.id: made_of_trunk(ask, one) for one in chains} if single else {},
        "starred": node.id in starred(ask.actor, ask.tools.tree),
        **grade_of(ask, node),
    }
    return Shown("node.html", values)


@shows(
    "/nodes/{node:int}/settings",
    use_case=(use_cases.VIEW_NODE, use_cases.LIST_VARIABLES, use_cases.LIST_CREDENTIALS),
    entries=(Entry("settings", t("Settings"), Group.OWN, kinds=GROUPS, order=9, drawn=SETTINGS_DRAWN),),
)
def settings(ask: Ask) -> Shown | Redirect:
    node, ancestors = find(ask, ask.numbers["node"])
    if node.kind is NodeKind.PROJECT:
        return Redirect(f"/projects/{node.id}/settings")
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "command": api_command(f"/nodes/{node.id}"),
        **variables_of(ask, node.id),
        **credentials_of(ask, ancestors),
        **settings_of(ask, ancestors),
    }
    return Shown("node_settings.html", {**values, "writes": values["writes_variables"]})


@does("/nodes/{node:int}/variables", use_case=use_cases.WRITE_VARIABLE)
@keeps(settings_address)
def put_variable(ask: Ask) -> Redirect:
    variables.put_variable(ask.actor, ask.tools.tree, *written_variable(ask, ask.numbers["node"]))
    return _back(ask)


@does("/nodes/{node:int}/variables/remove", use_case=use_cases.REMOVE_VARIABLE)
def remove_variable(ask: Ask) -> Redirect:
    name, scope = ask.text("name"), ask.text("scope")
    variables.remove_variable(ask.actor, ask.tools.tree, ask.numbers["node"], name, scope)
    return _back(ask)


def _back(ask: Ask) -> Redirect:
    return Redirect(settings_address(ask).replace("{node:int}", str(ask.numbers["node"])) + "#variables")


PART = (overview, settings, put_variable, remove_variable)
