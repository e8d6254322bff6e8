"""The first pipeline of a project, proposed from the files of its repository as text to take over."""

from __future__ import annotations

from typing import Any

from plumbline.access import use_cases
from plumbline.flow.pipelines.read import pipeline_acts
from plumbline.web.done import Done
from plumbline.web.page import Ask, Shown, api_command, does, shows
from plumbline.web.project import frame
from plumbline.web.proposal import Proposed, proposed


@shows("/projects/{node:int}/proposal", use_case=use_cases.VIEW_REPOSITORY, inside="pipelines")
def proposal(ask: Ask) -> Shown:
    values, node = frame(ask, "proposal")
    return Shown("proposal.html", values | _more(ask, node, proposed(ask, node)))


@does("/projects/{node:int}/proposal", use_case=use_cases.RUN_PIPELINE, patience=10.0, done=Done.NOTHING)
def look(ask: Ask) -> Shown:
    """Fetch, and look at the files as they are now."""
    values, node = frame(ask, "proposal")
    here = f"/projects/{node}/proposal"
    return Shown("proposal.html", values | _more(ask, node, proposed(ask, node, fetch=True)) | {"here": here})


def _more(ask: Ask, node: int, found: Proposed) -> dict[str, Any]:
    return {
        "proposed": found,
        "images": ask.text("images") != "0",
        "acts": pipeline_acts(ask.actor, ask.tools.pipelines, node),
        "command": api_command(f"/projects/{node}/proposal"),
    }


PART = (proposal, look)
