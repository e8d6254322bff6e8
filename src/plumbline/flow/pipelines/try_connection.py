"""Ask the repository of a project whether it answers, and say what is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.pipelines.fetching import check_patience
from plumbline.flow.pipelines.look_up import project_for
from plumbline.flow.pipelines.tools import Wanted

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.pipelines.tools import ServedProject, Server

_ELSEWHERE = re.compile(r"://|@")  # an address, or a file of another project


class Answered(NamedTuple):
    """``default_branch`` empty: nobody says, or it has no commit yet. ``configured``: whether the head of that branch
    has the file of the configuration; None: there is no commit to look at, or the file is elsewhere."""

    default_branch: str
    branches: int
    tags: int
    config_path: str
    configured: bool | None


def try_connection(actor: Actor, server: Server, project: int) -> Answered:
    """Fetch, with the credential that the node has, as for a pipeline. Nothing is kept but the copy.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``no-repository``, ``repository-slow``, and those of whoever
    cannot be reached.
    """
    with server.units.view(actor) as unit:
        project_for(unit, use_cases.TEST_CONNECTION, project)
    check_patience()
    server.projects.fetch(project)
    served = server.projects.project(project)
    refs = server.projects.refs(project) or ()
    tags = sum(ref.startswith("refs/tags/") for ref in refs)
    branch = served.project.default_branch
    there = f"refs/heads/{branch}" in refs
    configured = _configured(server, served) if there else None
    return Answered(branch if there else "", len(refs) - tags, tags, served.config_path, configured)


def _configured(server: Server, served: ServedProject) -> bool | None:
    """None: the configuration is read from elsewhere."""
    if _ELSEWHERE.search(served.config_path):
        return None
    change = server.projects.change(Wanted(project=served.id))
    return served.config_path in server.projects.tools(served.id, change, (), {}, by=0).repository.files()
