"""The first pipeline of a project, proposed from what lies in its repository."""

from __future__ import annotations

import msgspec

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Id
from plumbline.api.route import route
from plumbline.flow.pipelines.propose_pipeline import ProjectProposal, propose_pipeline
from plumbline.kernel import t
from plumbline.starters import pipeline_text


class StackView(msgspec.Struct, frozen=True, kw_only=True):
    """``folder``: empty for the root. ``files``: by which it was recognised, relative to the folder. ``jobs``: the
    names of its jobs in the text. ``tools``: the programs that they need where they run in the shell of a machine."""

    stack: str
    title: str
    folder: str
    files: list[str]
    jobs: list[str]
    tools: list[str]


class ProposalView(msgspec.Struct, frozen=True, kw_only=True):
    """``text``: the configuration to take over; empty where nothing was recognised. ``said``: what was taken from which
    file; ``guessed``: what no file says; ``missing``: what is not in it, and why. ``configured``: the project has a
    configuration at ``config_path`` already. ``ref`` and ``sha``: whose files were looked at."""

    ref: str
    sha: str
    config_path: str
    configured: bool
    text: str
    stacks: list[StackView]
    said: list[str]
    guessed: list[str]
    missing: list[str]


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``images``: false for runners that have a shell alone."""

    images: bool = True


@route("GET", "/projects/{project}/proposal", refusals=(409, 422), slow=True, use_case=use_cases.VIEW_REPOSITORY,
       title=t("Propose a configuration from the files as they were fetched last. Nothing is changed."))  # fmt: skip
def get_proposal(call: Call, project: Id, query: Form) -> ProposalView:
    return _shown(propose_pipeline(call.actor, call.tools.pipelines, project), images=query.images)


@route("POST", "/projects/{project}/proposal", refusals=(409, 422), use_case=use_cases.RUN_PIPELINE,
       title=t("Fetch the project's repository, and propose a configuration. Nothing else is changed."))  # fmt: skip
def fetch_proposal(call: Call, project: Id, query: Form) -> ProposalView:
    return _shown(propose_pipeline(call.actor, call.tools.pipelines, project, fetch=True), images=query.images)


def _shown(found: ProjectProposal, *, images: bool) -> ProposalView:
    proposal = found.proposal
    return ProposalView(
        ref=found.ref,
        sha=found.sha,
        config_path=found.config_path,
        configured=found.configured,
        text=pipeline_text(proposal, images=images),
        stacks=[
            StackView(
                stack=seen.name,
                title=str(seen.title),
                folder=seen.found.folder,
                files=list(seen.found.files),
                jobs=list(seen.jobs),
                tools=list(dict.fromkeys(tool for job in seen.jobs.values() for tool in job.tools)),
            )
            for seen in proposal.seen
        ],
        said=[str(text) for text in proposal.said],
        guessed=[str(text) for text in proposal.guessed],
        missing=[str(text) for text in proposal.missing],
    )


PART = (get_proposal, fetch_proposal)
