"""Propose a pipeline for a project, from the files at the head of its default branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.access import use_cases
from plumbline.flow.jobs.propose import propose_for
from plumbline.flow.pipelines.look_up import project_for
from plumbline.flow.pipelines.tools import Wanted
from plumbline.starters import Proposal

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.pipelines.tools import Server


class ProjectProposal(msgspec.Struct, frozen=True, kw_only=True):
    """``ref`` and ``sha``: the branch and the commit whose files were looked at. ``config_path``: where the project's
    configuration is read from; ``configured``: there is one already."""

    proposal: Proposal
    ref: str
    sha: str
    config_path: str
    configured: bool


def propose_pipeline(actor: Actor, server: Server, project: int, *, fetch: bool = False) -> ProjectProposal:
    """What the repository's files are, and the pipeline that would build and test them. Nothing is kept or changed.

    As the server's copy has them; ``fetch``: bring it up to date before, which only who may run pipelines may ask for,
    and never a request that only reads.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``no-repository``, ``no-mirror`` before the first fetch,
    ``unknown-ref`` where the default branch is not there, and with ``fetch`` those of whoever cannot be reached.
    """
    with server.units.view(actor) as unit:
        project_for(unit, use_cases.RUN_PIPELINE if fetch else use_cases.VIEW_REPOSITORY, project)
    if fetch:
        server.projects.fetch(project)
    served = server.projects.project(project)
    change = server.projects.change(Wanted(project=project))
    repository = server.projects.tools(project, change, (), {}, by=0).repository
    return ProjectProposal(
        proposal=propose_for(repository),
        ref=change.branch,
        sha=change.sha,
        config_path=served.config_path,
        configured=served.config_path in repository.files(),
    )
