"""The pipeline that is proposed for a project, as its pages show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.flow.pipelines.propose_pipeline import propose_pipeline
from plumbline.kernel import ErrorKind, PlumblineError
from plumbline.starters import pipeline_text

if TYPE_CHECKING:
    from plumbline.flow.pipelines.propose_pipeline import ProjectProposal
    from plumbline.web.page import Ask

_NOT_FETCHED = "no-mirror"


class Proposed(NamedTuple):
    """``proposal`` None: the files cannot be looked at, ``wrong`` says why; neither: they were not fetched yet."""

    proposal: ProjectProposal | None = None
    text: str = ""
    wrong: PlumblineError | None = None


def proposed(ask: Ask, project: int, *, fetch: bool = False) -> Proposed:
    """``fetch``: bring the server's copy up to date before. Raises PlumblineError where the actor may not."""
    try:
        found = propose_pipeline(ask.actor, ask.tools.pipelines, project, fetch=fetch)
    except PlumblineError as error:
        if error.code in ("not-allowed", "not-found", "not-signed-in"):
            raise
        if error.code == _NOT_FETCHED or (error.kind is ErrorKind.ENVIRONMENT and not fetch):
            return Proposed()
        return Proposed(wrong=error)
    images = ask.text("images") != "0"
    return Proposed(found, pipeline_text(found.proposal, images=images) if found.proposal.seen else "")
