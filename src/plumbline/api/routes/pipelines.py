"""Pipelines of projects: seen, started, canceled, tried again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from plumbline.access import Permission
from plumbline.api.call import Call
from plumbline.api.fields import Count, Id, Limit, Line, Value, VariableName
from plumbline.api.route import route
from plumbline.api.shown import JobView, PipelineView, pipeline_of, view_job, view_pipeline
from plumbline.flow.pipelines.artifacts import artifacts_now
from plumbline.flow.pipelines.cancel_retry_play import cancel, retry_pipeline
from plumbline.flow.pipelines.create_pipeline import start_pipeline
from plumbline.flow.pipelines.tools import Wanted
from plumbline.flow.tree.manage_tree import projects_where
from plumbline.kernel import t
from plumbline.model.change import Event
from plumbline.model.job import State
from plumbline.model.pipeline import Variable, VariableSource
from plumbline.model.ports.transaction import Transaction
from plumbline.model.server import StoredPipeline

MANY = 100  # variables of one pipeline


class PipelinePage(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first. ``next`` is the ``before`` of the following page; 0: this was the last one."""

    pipelines: list[PipelineView]
    next: Count


class PipelineDetail(msgspec.Struct, frozen=True, kw_only=True):
    """``jobs``: every attempt, oldest first; of one job the newest stands for it."""

    pipeline: PipelineView
    jobs: list[JobView]


class Choosing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    project: Id | None = None
    ref: Line = ""
    state: State | None = None
    before: Count = 0
    limit: Limit = 50


class NewPipeline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``ref``: a branch or a tag; empty: the default branch."""

    ref: Line = ""
    variables: Annotated[dict[VariableName, Value], Meta(max_length=MANY)] = {}
    inputs: Annotated[dict[VariableName, bool | int | float | Value], Meta(max_length=MANY)] = {}


@route("GET", "/pipelines", t("Pipelines of a project, or of all projects that the caller may see."), refusals=(404,))
def list_pipelines(call: Call, query: Choosing) -> PipelinePage:
    with call.service.store.view() as tx:
        if query.project is not None:
            call.require(tx, Permission.PIPELINE_VIEW, query.project)
            found = list(_newest(tx, query, [query.project]))
            last = found[-1].id if len(found) == query.limit else 0
        else:
            found, last = _of_all(call, tx, query)
    return PipelinePage(pipelines=[view_pipeline(each) for each in found], next=last)


def _of_all(call: Call, tx: Transaction, query: Choosing) -> tuple[list[StoredPipeline], int]:
    projects = projects_where(tx, call.me.standing, Permission.PIPELINE_VIEW)
    found = list(_newest(tx, query, projects))
    return found, found[-1].id if len(found) == query.limit else 0


def _newest(tx: Transaction, query: Choosing, projects: Sequence[int]) -> Sequence[StoredPipeline]:
    return tx.pipelines.newest(
        query.limit,
        projects=projects,
        states=() if query.state is None else (query.state,),
        ref=query.ref,
        before=query.before,
    )


@route("GET", "/pipelines/{pipeline}", t("One pipeline with all attempts at its jobs."))
def get_pipeline(call: Call, pipeline: Id) -> PipelineDetail:
    with call.service.store.view() as tx:
        found = pipeline_of(call, tx, pipeline, Permission.PIPELINE_VIEW)
        left = artifacts_now(tx, found)
        jobs = [view_job(job, left.get(job.id)) for job in tx.jobs.of(pipeline)]
        return PipelineDetail(pipeline=view_pipeline(found), jobs=jobs)


@route("POST", "/projects/{project}/pipelines", t("Start a pipeline of a branch or a tag."), status=201,
       refusals=(409, 422))  # fmt: skip
def create_pipeline(call: Call, project: Id, body: NewPipeline) -> PipelineView:
    with call.service.store.view() as tx:
        call.require(tx, Permission.PIPELINE_RUN, project)
    me = call.me.person
    wanted = Wanted(
        project=project,
        event=Event.API,
        ref=body.ref,
        user=me.name,
        user_name=me.title or me.name,
        user_email=me.email,
    )
    variables = tuple(Variable(name, value, VariableSource.PIPELINE) for name, value in body.variables.items())
    made = start_pipeline(call.service.pipelines, wanted, variables=variables, inputs=dict(body.inputs), by=me.id)
    if made is None:
        raise call.refused("nothing-to-run", t("The rules of the configuration leave no job for this pipeline."))
    return view_pipeline(made)


@route("POST", "/pipelines/{pipeline}/cancel", t("Cancel a pipeline and what it started."), refusals=(409,))
def cancel_pipeline(call: Call, pipeline: Id) -> PipelineView:
    with call.service.store.view() as tx:
        pipeline_of(call, tx, pipeline, Permission.PIPELINE_CANCEL)
    return view_pipeline(cancel(call.service.pipelines, pipeline, person=call.me.person.name))


@route("POST", "/pipelines/{pipeline}/retry", t("Run every job again that failed or was canceled."), refusals=(409,))
def retry_failed_jobs(call: Call, pipeline: Id) -> PipelineView:
    with call.service.store.view() as tx:
        pipeline_of(call, tx, pipeline, Permission.JOB_RETRY)
    me = call.me.person
    return view_pipeline(retry_pipeline(call.service.pipelines, pipeline, by=me.id, person=me.name))


PART = (list_pipelines, get_pipeline, create_pipeline, cancel_pipeline, retry_failed_jobs)
