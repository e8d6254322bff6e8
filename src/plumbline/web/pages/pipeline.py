"""A pipeline: its graph, its critical path, and why each job stands where it stands."""

from __future__ import annotations

from plumbline.access import Permission
from plumbline.model.job import FINISHED, State
from plumbline.web.estate import find
from plumbline.web.graph import draw
from plumbline.web.jobs import path, rows, summary
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.states import WARNING, look_of

_FIRST = {State.FAILED: 0, WARNING: 1}  # in the table of jobs; the others stand in the order of the plan


@shows("/pipelines/{pipeline:int}")
def one(ask: Ask) -> Shown:
    pipeline = ask.desk.pipeline(ask.visitor, ask.numbers["pipeline"])
    node, ancestors = find(ask, pipeline.project)
    plan = ask.desk.plan(ask.visitor, pipeline.id)
    jobs = ask.desk.jobs(ask.visitor, pipeline.id)
    shown = rows(plan, jobs) if plan else []
    by_needs = ask.text("view") == "needs"

    def may(permission: Permission) -> bool:
        return ask.desk.may(ask.visitor, permission, pipeline.project)

    values = {
        "pipeline": pipeline,
        "subject": pipeline.change.message.partition("\n")[0],
        "node": node,
        "line": ancestors,
        "line_links": True,
        "looks": look_of(pipeline),
        "by_needs": by_needs,
        "graph": draw(shown, plan.stages, by_needs=by_needs) if plan and shown else None,
        "rows": sorted(shown, key=lambda row: _FIRST.get(row.look, len(_FIRST))),
        "tally": summary([row.look for row in shown]),
        "path": path(plan, jobs) if plan else [],
        "problems": plan.errors if plan else (),
        "retries": may(Permission.JOB_RETRY),
        "plays": may(Permission.JOB_PLAY),
        "cancels": may(Permission.PIPELINE_CANCEL),
        "can_retry": may(Permission.JOB_RETRY)
        and any(row.job.state in (State.FAILED, State.CANCELED) for row in shown),
        "can_cancel": may(Permission.PIPELINE_CANCEL) and pipeline.state not in FINISHED,
        "command": api_command(f"/pipelines/{pipeline.id}"),
    }
    return Shown("pipeline.html", values)


@does("/pipelines/{pipeline:int}/retry")
def retry(ask: Ask) -> Redirect:
    ask.desk.retry_pipeline(ask.visitor, ask.numbers["pipeline"])
    return Redirect(f"/pipelines/{ask.numbers['pipeline']}")


@does("/pipelines/{pipeline:int}/cancel")
def cancel(ask: Ask) -> Redirect:
    ask.desk.cancel(ask.visitor, ask.numbers["pipeline"])
    return Redirect(f"/pipelines/{ask.numbers['pipeline']}")


PART = (one, retry, cancel)
