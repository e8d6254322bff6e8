"""A project: its branches and pipelines, and its settings."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from plumbline.access import use_cases
from plumbline.flow.pipelines.read import list_pipelines, pipeline_acts
from plumbline.flow.pipelines.run_pipeline import run_pipeline
from plumbline.flow.tree.bind_repository import (
    RepositoryWrite,
    bind_repository,
    hook_path,
    list_deliveries,
)
from plumbline.flow.tree.read_tree import permitted
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.server import WebhookKind
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import credentials_of, keeps, variables_of
from plumbline.web.places import PROJECTS, SETTINGS_DRAWN, Entry, Group
from plumbline.web.project import frame
from plumbline.web.settings import settings_of

if TYPE_CHECKING:
    from plumbline.model.server import StoredPipeline

PAGE = 25  # pipelines
NEWEST = 100  # of which the branches are shown
DELIVERIES = 10
TOLD = {
    WebhookKind.PUSH: t("a push"),
    WebhookKind.TAG: t("a tag"),
    WebhookKind.MERGE_REQUEST: t("a merge request"),
    WebhookKind.PING: t("a try of the webhook"),
    WebhookKind.OTHER: t("something else, for the ledger"),
}
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
def pipelines(ask: Ask) -> Shown:
    values, node = frame(ask, "pipelines")
    ref, before = ask.text("ref"), ask.number("before")
    found = newest = list_pipelines(ask.actor, ask.tools.pipelines, PAGE + 1, project=node, ref=ref, before=before)
    if ref or before:
        newest = list_pipelines(ask.actor, ask.tools.pipelines, NEWEST, project=node)
    named = [one for one in reversed(newest) if one.ref and not one.upstream and not _of_fork(one)]
    branches = {one.ref: one for one in named if not one.change.tag}
    return Shown(
        "project.html",
        values
        | {
            "pipelines": found[:PAGE],
            "more": found[PAGE - 1].id if len(found) > PAGE else 0,
            "branches": sorted(branches.values(), key=lambda one: -one.id)[:20],
            "refs": list(dict.fromkeys(one.ref for one in named)),
            "ref": ref,
            "query": urlencode({key: value for key, value in (("ref", ref), ("before", before)) if value}),
            "acts": pipeline_acts(ask.actor, ask.tools.pipelines, node),
            "command": api_command(f"/pipelines?project={node}"),
        },
    )


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
        "deliveries": list_deliveries(ask.actor, tree, node, DELIVERIES) if tells else None,
        **variables_of(ask, node),
        **credentials_of(ask, values["ancestors"]),
        **settings_of(ask, values["ancestors"]),
    }
    return Shown("project.html", values)


@does("/projects/{node:int}/run", use_case=use_cases.RUN_PIPELINE)
@keeps(pipelines)
def run(ask: Ask) -> Redirect:
    variables = dict(_pair(word) for word in _words(ask.text("variables")))
    project, ref = ask.numbers["node"], ask.text("ref").strip()
    made = run_pipeline(ask.actor, ask.tools.pipelines, project, ref, variables=variables)
    return Redirect(f"/pipelines/{made.id}")


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise _unclear(text) from None


def _pair(word: str) -> tuple[str, str]:
    name, sign, value = word.partition("=")
    if not sign or not name.isidentifier():
        raise _unclear(word)
    return name, value


def _unclear(word: str) -> PlumblineError:
    return PlumblineError(
        "variables-wrong",
        t("'{word}' is not a variable.", word=word),
        t("Write NAME=value; values with spaces in quotes: NAME='two words'."),
        kind=ErrorKind.CONFIGURATION,
    )


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
    given = RepositoryWrite(
        kind=ask.text("kind"), url=ask.text("url").strip(), poll=poll, default_branch=ask.text("branch").strip()
    )
    bind_repository(ask.actor, ask.tools.tree, ask.numbers["node"], given)
    return Redirect(f"/projects/{ask.numbers['node']}/settings")


PART = (pipelines, settings, run, bind)
