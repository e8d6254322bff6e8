"""A project: its branches and pipelines, and its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.pipelines.list_pipelines import PipelineChoice, list_pipelines
from plumbline.flow.pipelines.read import pipeline_acts
from plumbline.flow.tree.bind_repository import (
    RepositoryWrite,
    bind_repository,
    hook_path,
    list_deliveries,
)
from plumbline.flow.tree.read_tree import permitted
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import Event
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import credentials_of, keeps, variables_of
from plumbline.web.pipeline_list import pipeline_list
from plumbline.web.places import PROJECTS, SETTINGS_DRAWN, Entry, Group
from plumbline.web.project import frame
from plumbline.web.proposal import proposed
from plumbline.web.settings import settings_of
from plumbline.web.told import TOLD, WHY

if TYPE_CHECKING:
    from plumbline.model.server import StoredPipeline

NEWEST = 100  # of which the branches are shown
DELIVERIES = 10
LONGEST_POLL = 86_400  # seconds
_DRAWN = "M1.5 8h3M7 8h2M11.5 8h3M4.5 6v4H7V6zM9 6v4h2.5V6z"


@shows(
    "/projects/{node:int}",
    use_case=use_cases.LIST_PROJECT_PIPELINES,
    entries=(
        Entry(
            "pipelines",
            t("Pipelines"),
            Group.BUILD,
            kinds=PROJECTS,
            drawn=_DRAWN,
        ),
    ),
)
def pipelines(ask: Ask) -> Shown | Raw:
    values, node = frame(ask, "pipelines")
    found = pipeline_list(ask, node, many=False)
    if isinstance(found, Raw):
        return found
    newest = list_pipelines(ask.actor, ask.tools.pipelines, NEWEST, PipelineChoice(node=node))
    named = [one for one in reversed(newest) if one.ref and one.event is not Event.PARENT and not _of_fork(one)]
    branches = {one.ref: one for one in named if not one.change.tag}
    more = {
        "branches": sorted(branches.values(), key=lambda one: -one.id)[:20],
        "refs": list(dict.fromkeys(one.ref for one in named)),
        "acts": pipeline_acts(ask.actor, ask.tools.pipelines, node),
        "command": api_command(f"/pipelines?project={node}"),
        **_beginning(ask, node, bound=values["repository"] is not None and not newest),
    }
    return Shown("project.html", values | found | more)


def _beginning(ask: Ask, node: int, *, bound: bool) -> dict[str, object]:
    """What a project needs that has a repository and no pipeline yet."""
    connects = permitted(ask.actor, ask.tools.tree, node, use_cases.LIST_DELIVERIES)[0]
    return {"connects": connects, "proposed": proposed(ask, node) if bound else None}


def _of_fork(pipeline: StoredPipeline) -> bool:
    """Its branch is of another repository, whatever it is called."""
    request = pipeline.change.merge_request
    return request is not None and bool(request.fork)


@shows(
    "/projects/{node:int}/settings",
    use_case=(
        use_cases.VIEW_NODE,
        use_cases.VIEW_REPOSITORY,
        use_cases.LIST_VARIABLES,
        use_cases.LIST_CREDENTIALS,
        use_cases.LIST_DELIVERIES,
    ),
    entries=(Entry("settings", t("Settings"), Group.OWN, kinds=PROJECTS, order=9, drawn=SETTINGS_DRAWN),),
)
def settings(ask: Ask) -> Shown:
    values, node = frame(ask, "settings")
    repository, tree = values["repository"], ask.tools.tree
    (tells,) = permitted(ask.actor, tree, node, use_cases.LIST_DELIVERIES)
    values |= {
        "command": api_command(f"/projects/{node}/repository"),
        "forges": tree.forges,
        "hook": tree.url + hook_path(repository) if repository else "",
        "told": TOLD,
        "why": WHY,
        "deliveries": list_deliveries(ask.actor, tree, node, DELIVERIES) if tells else None,
        **variables_of(ask, node),
        **credentials_of(ask, values["ancestors"]),
        **settings_of(ask, values["ancestors"]),
    }
    return Shown("project.html", values)


@does("/projects/{node:int}/repository", use_case=use_cases.BIND_REPOSITORY)
@keeps(settings)
def bind(ask: Ask) -> Redirect:
    poll = ask.number("poll", -1) if ask.text("poll") else 0
    if not 0 <= poll <= LONGEST_POLL:
        raise PlumblineError(
            "poll-wrong",
            t("Between two looks at a remote there are 0 to {seconds} seconds.", seconds=LONGEST_POLL),
            t("0: as the setting repository.look says."),
            kind=ErrorKind.CONFIGURATION,
        )
    seen = {name: ask.form[f"seen_{name}"] or None for name in ("kind", "url", "branch", "poll")
            if f"seen_{name}" in ask.form}  # fmt: skip
    given = RepositoryWrite(
        seen=seen,
        kind=ask.text("kind"),
        url=ask.text("url").strip(),
        poll=poll,
        default_branch=ask.text("branch").strip(),
    )
    bind_repository(ask.actor, ask.tools.tree, ask.numbers["node"], given)
    return Redirect(f"/projects/{ask.numbers['node']}/connection")


PART = (pipelines, settings, bind)
