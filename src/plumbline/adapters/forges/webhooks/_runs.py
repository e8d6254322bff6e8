"""Workflows of GitHub and Gitea: runs and their jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.adapters.forges.webhooks._told import account
from plumbline.model.forge_news import JobNews, RunAct, RunNews

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.adapters.forges.webhooks._told import Told
    from plumbline.model.forge_news import News, RunOutcome

_RUNS = {"requested": RunAct.QUEUED, "in_progress": RunAct.STARTED, "completed": RunAct.FINISHED}
_JOBS = {"in_progress": RunAct.STARTED, "completed": RunAct.FINISHED}
_OUTCOMES: Mapping[str, RunOutcome] = {
    "success": "success",
    "neutral": "success",
    "failure": "failure",
    "timed_out": "failure",
    "startup_failure": "error",
    "action_required": "cancel",
    "cancelled": "cancel",
    "skipped": "cancel",
    "stale": "cancel",
}
_TIMES = {RunAct.QUEUED: ("created_at",), RunAct.STARTED: ("run_started_at", "started_at"),
          RunAct.FINISHED: ("completed_at", "updated_at")}  # fmt: skip


def read_run(_event: str, told: Told) -> News | None:
    act, run = _RUNS.get(told.text("action"), RunAct.OTHER), told.at("workflow_run")
    return RunNews(
        act=act,
        id=_again(run, "id"),
        name=told.at("workflow").text("name") or run.text("name", "path"),
        state=told.text("action") or run.text("status"),
        ref=run.text("head_branch"),
        commit=run.commit("head_sha"),
        trigger=run.text("event"),
        url=run.text("html_url", "url"),
        outcome=_OUTCOMES.get(run.text("conclusion")) if act is RunAct.FINISHED else None,
        by=account(run.at("triggering_actor") or run.at("actor") or told.at("sender")),
        at=run.time(*_TIMES.get(act, ()), "updated_at", "created_at"),
    )


def _again(told: Told, name: str) -> str:
    """A run that is started again keeps its number."""
    attempt = told.number("run_attempt") or 1
    return told.needed_id(name) if attempt <= 1 else f"{told.needed_id(name)}.{attempt}"


def read_job(_event: str, told: Told) -> News | None:
    act, job = _JOBS.get(told.text("action"), RunAct.OTHER), told.at("workflow_job")
    return JobNews(
        act=act,
        id=job.needed_id("id"),
        run=_again(job, "run_id"),
        name=job.text("name"),
        state={"queued": "pending", "waiting": "pending"}.get(told.text("action"), told.text("action")),
        attempt=job.number("run_attempt"),
        runner=job.text("runner_name"),
        commit=job.commit("head_sha"),
        url=job.text("html_url", "url"),
        outcome=_OUTCOMES.get(job.text("conclusion")) if act is RunAct.FINISHED else None,
        by=account(told.at("sender")),
        at=job.time(*_TIMES.get(act, ("created_at",)), "started_at", "created_at"),
    )
