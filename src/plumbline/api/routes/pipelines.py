"""Pipelines of projects: seen, started, canceled, tried again."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Count, Id, Limit, Line, Value, VariableName
from plumbline.api.route import route
from plumbline.api.shown import JobView, PipelineView, show_jobs, show_pipeline, show_pipelines
from plumbline.flow.pipelines import cancel_retry_play as acts
from plumbline.flow.pipelines import list_pipelines as listing
from plumbline.flow.pipelines import read
from plumbline.flow.pipelines.list_pipelines import PipelineChoice
from plumbline.flow.pipelines.run_pipeline import run_pipeline
from plumbline.flow.pipelines.spent import time_spent
from plumbline.kernel import t
from plumbline.model.change import Event
from plumbline.model.job import State
from plumbline.model.tree import INSTANCE

MANY = 100  # variables of one pipeline


class PipelinePage(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first. ``next`` is the ``before`` of the following page; 0: this was the last one."""

    pipelines: list[PipelineView]
    next: Count


class PipelineDetail(msgspec.Struct, frozen=True, kw_only=True):
    """``jobs``: every attempt, oldest first; of one job the newest stands for it. ``worked``: microseconds in which at
    least one of them ran; ``queued``: else, in which one was to start; ``waited``: else, in which a person was waited
    for."""

    pipeline: PipelineView
    worked: Count
    queued: Count
    waited: Count
    jobs: list[JobView]


class Choosing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``node``: the projects below it. ``who``: a part of the name or the address of whoever started it, or wrote its
    commit."""

    project: Id | None = None
    node: Id | None = None
    ref: Line = ""
    state: State | None = None
    source: Event | None = None
    who: Line = ""
    before: Count = 0
    limit: Limit = 50


class NewPipeline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``ref``: a branch or a tag; empty: the default branch."""

    ref: Line = ""
    variables: Annotated[dict[VariableName, Value], Meta(max_length=MANY)] = {}
    inputs: Annotated[dict[VariableName, bool | int | float | Value], Meta(max_length=MANY)] = {}


@route(
    "GET",
    "/pipelines",
    t("Pipelines of a project, of the projects below a node, or of all that the caller may see."),
    refusals=(404,),
    use_case=(use_cases.LIST_PIPELINES, use_cases.LIST_PROJECT_PIPELINES, use_cases.LIST_NODE_PIPELINES),
)
def list_pipelines(call: Call, query: Choosing) -> PipelinePage:
    choice = PipelineChoice(
        node=query.project or query.node or INSTANCE, ref=query.ref, state=query.state, event=query.source,
        who=query.who,
    )  # fmt: skip
    found = listing.list_pipelines(call.actor, call.tools.pipelines, query.limit, choice, before=query.before)
    last = found[-1].id if len(found) == query.limit else 0
    return PipelinePage(pipelines=show_pipelines(call, found), next=last)


@route("GET", "/pipelines/{pipeline}", t("One pipeline with all attempts at its jobs."),
       use_case=use_cases.VIEW_PIPELINE)  # fmt: skip
def get_pipeline(call: Call, pipeline: Id) -> PipelineDetail:
    seen = read.view_pipeline(call.actor, call.tools.pipelines, pipeline)
    jobs = show_jobs(call, seen.jobs, seen.left)
    plan = read.view_plan(call.actor, call.tools.pipelines, pipeline)
    spent = time_spent(plan, seen.pipeline, seen.jobs, call.now)
    return PipelineDetail(
        pipeline=show_pipeline(call, seen.pipeline),
        worked=spent.work,
        queued=spent.queue,
        waited=spent.people,
        jobs=jobs,
    )


@route("POST", "/projects/{project}/pipelines", t("Start a pipeline of a branch or a tag."), status=201,
       refusals=(409, 422), use_case=use_cases.RUN_PIPELINE)  # fmt: skip
def create_pipeline(call: Call, project: Id, body: NewPipeline) -> PipelineView:
    made = run_pipeline(
        call.actor, call.tools.pipelines, project, body.ref,
        variables=body.variables, inputs=body.inputs, event=Event.API,
    )  # fmt: skip
    return show_pipeline(call, made)


@route("POST", "/pipelines/{pipeline}/cancel", t("Cancel a pipeline and what it started."), refusals=(409,),
       use_case=use_cases.CANCEL_PIPELINE)  # fmt: skip
def cancel_pipeline(call: Call, pipeline: Id) -> PipelineView:
    return show_pipeline(call, acts.cancel_pipeline(call.actor, call.tools.pipelines, pipeline))


@route("POST", "/pipelines/{pipeline}/retry", t("Run every job again that failed or was canceled."), refusals=(409,),
       use_case=use_cases.RETRY_PIPELINE)  # fmt: skip
def retry_failed_jobs(call: Call, pipeline: Id) -> PipelineView:
    return show_pipeline(call, acts.retry_pipeline(call.actor, call.tools.pipelines, pipeline))


PART = (list_pipelines, get_pipeline, create_pipeline, cancel_pipeline, retry_failed_jobs)
