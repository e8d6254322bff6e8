"""A pipeline: what began it, its graph, its critical path, and why each job stands where it stands."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.pipelines.cancel_retry_play import cancel_pipeline, retry_pipeline
from plumbline.flow.pipelines.configuration import is_foreign
from plumbline.flow.pipelines.questions import questions_about_pipeline
from plumbline.flow.pipelines.read import pipeline_acts, view_pipeline, view_plan
from plumbline.flow.pipelines.spent import time_spent
from plumbline.flow.pipelines.whence import NOWHERE, whence, whence_of_jobs
from plumbline.kernel import PlumblineError
from plumbline.model.job import FINISHED, RETRIED_WITH_PIPELINE
from plumbline.web.begun import begun
from plumbline.web.due_line import due_of
from plumbline.web.folds import Folds
from plumbline.web.found import found_by_pipeline
from plumbline.web.graph import Below, below_key, draw
from plumbline.web.jobs import newest, path, rank, rows, summary
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, local, shows
from plumbline.web.states import look_of
from plumbline.web.sure import asked_first
from plumbline.web.tree import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.pipeline import Plan
    from plumbline.model.server import StoredPipeline
    from plumbline.web.jobs import JobRow

ROWS = 50  # of the table, where there are twice as many, until all are asked for


@shows("/pipelines/{pipeline:int}", use_case=use_cases.VIEW_PIPELINE, inside="pipelines")
def one(ask: Ask) -> Shown:
    server = ask.tools.pipelines
    seen = view_pipeline(ask.actor, server, ask.numbers["pipeline"])
    pipeline, plan = seen.pipeline, view_plan(ask.actor, server, seen.pipeline.id)
    acts = pipeline_acts(ask.actor, server, pipeline.project)
    node, ancestors = find(ask, pipeline.project)
    origin = whence(ask.actor, server, [pipeline]).get(pipeline.id, NOWHERE)
    shown = rows(plan, seen.jobs, whence_of_jobs(ask.actor, server, seen.jobs))
    folds = Folds.read(ask)
    found = found_by_pipeline(ask, pipeline)
    worst_first = sorted(shown, key=lambda row: min(rank(row.look), 2))  # failures and warnings, then as planned
    values = {
        "pipeline": pipeline,
        "subject": pipeline.change.message.partition("\n")[0],
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "looks": look_of(pipeline),
        "begun": begun(pipeline, origin),
        "whence": origin,
        "folds": folds,
        "graph": draw(shown, plan.stages, _below(ask, shown, folds), folds, ask.now) if shown else None,
        "rows": worst_first if folds.every_row or len(shown) < 2 * ROWS else worst_first[:ROWS],
        "count": len(shown),
        "tally": summary([row.look for row in shown]),
        "spent": time_spent(plan, pipeline, seen.jobs, ask.now),
        "path": path(plan, seen.jobs),
        **_problems(plan),
        "found": found,
        "due": due_of(ask, pipeline),
        "bases": _bases(ask, found.summary.bases if found.summary is not None else ()),
        "acts": acts,
        "can_retry": acts.retries and any(row.job.state in RETRIED_WITH_PIPELINE for row in shown),
        "can_cancel": acts.cancels and pipeline.state not in FINISHED,
        "command": api_command(f"/pipelines/{pipeline.id}"),
    }
    return Shown("pipeline.html", values)


def _bases(ask: Ask, pipelines: Sequence[int]) -> list[StoredPipeline]:
    """What it is held against, as far as it is still there."""
    found = []
    for one in pipelines:
        with suppress(PlumblineError):
            found.append(view_pipeline(ask.actor, ask.tools.pipelines, one).pipeline)
    return found


def _below(ask: Ask, shown: Sequence[JobRow], folds: Folds) -> dict[int, Below]:
    """What trigger jobs started, with the jobs of those that are unfolded."""
    made = {}
    for row in shown:
        if row.child is not None:
            opened = folds.shows(below_key(row.child))
            jobs = view_pipeline(ask.actor, ask.tools.pipelines, row.child.id).jobs if opened else ()
            made[row.job.id] = Below(row.child, tuple(newest(jobs).values()))
    return made


def _problems(plan: Plan) -> dict[str, object]:
    """Each once, as it may come of several jobs; those of a file that can be shown lead there."""
    each = {str(one): one for one in plan.problems}.values()
    return {
        "errors": [one for one in each if one.severity == "error"],
        "warnings": [one for one in each if one.severity != "error"],
        "opens_file": lambda where: where is not None and where.file in plan.files and not is_foreign(where.file),
    }


@does("/pipelines/{pipeline:int}/retry", use_case=use_cases.RETRY_PIPELINE)
def retry(ask: Ask) -> Shown | Redirect:
    server, pipeline = ask.tools.pipelines, ask.numbers["pipeline"]
    back = local(ask.text("next") or f"/pipelines/{pipeline}")
    if asked := asked_first(ask, questions_about_pipeline(ask.actor, server, pipeline), back):
        return asked
    retry_pipeline(ask.actor, server, pipeline)
    return Redirect(back)


@does("/pipelines/{pipeline:int}/cancel", use_case=use_cases.CANCEL_PIPELINE)
def cancel(ask: Ask) -> Redirect:
    made = cancel_pipeline(ask.actor, ask.tools.pipelines, ask.numbers["pipeline"])
    return Redirect(local(ask.text("next") or f"/pipelines/{made.id}"))


PART = (one, retry, cancel)
