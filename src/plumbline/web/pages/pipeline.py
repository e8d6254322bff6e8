"""A pipeline: its graph, its critical path, and why each job stands where it stands."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.flow.pipelines.cancel_retry_play import cancel_pipeline, retry_pipeline
from plumbline.flow.pipelines.read import pipeline_acts, view_pipeline, view_plan
from plumbline.model.job import FINISHED, State
from plumbline.web.graph import draw
from plumbline.web.jobs import path, rows, summary
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.states import WARNING, look_of
from plumbline.web.tree import find

_FIRST = {State.FAILED: 0, WARNING: 1}  # in the table of jobs; the others stand in the order of the plan


@shows("/pipelines/{pipeline:int}", use_case=use_cases.VIEW_PIPELINE, inside="pipelines")
def one(ask: Ask) -> Shown:
    server = ask.tools.pipelines
    seen = view_pipeline(ask.actor, server, ask.numbers["pipeline"])
    pipeline, plan = seen.pipeline, view_plan(ask.actor, server, seen.pipeline.id)
    acts = pipeline_acts(ask.actor, server, pipeline.project)
    node, ancestors = find(ask, pipeline.project)
    shown = rows(plan, seen.jobs)
    by_needs = ask.text("view") == "needs"
    values = {
        "pipeline": pipeline,
        "subject": pipeline.change.message.partition("\n")[0],
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "looks": look_of(pipeline),
        "by_needs": by_needs,
        "graph": draw(shown, plan.stages, by_needs=by_needs) if shown else None,
        "rows": sorted(shown, key=lambda row: _FIRST.get(row.look, len(_FIRST))),
        "tally": summary([row.look for row in shown]),
        "path": path(plan, seen.jobs),
        "problems": plan.errors,
        "acts": acts,
        "can_retry": acts.retries and any(row.job.state in (State.FAILED, State.CANCELED) for row in shown),
        "can_cancel": acts.cancels and pipeline.state not in FINISHED,
        "command": api_command(f"/pipelines/{pipeline.id}"),
    }
    return Shown("pipeline.html", values)


@does("/pipelines/{pipeline:int}/retry", use_case=use_cases.RETRY_PIPELINE)
def retry(ask: Ask) -> Redirect:
    return Redirect(f"/pipelines/{retry_pipeline(ask.actor, ask.tools.pipelines, ask.numbers['pipeline']).id}")


@does("/pipelines/{pipeline:int}/cancel", use_case=use_cases.CANCEL_PIPELINE)
def cancel(ask: Ask) -> Redirect:
    return Redirect(f"/pipelines/{cancel_pipeline(ask.actor, ask.tools.pipelines, ask.numbers['pipeline']).id}")


PART = (one, retry, cancel)
