"""Who runs jobs."""

from __future__ import annotations

import msgspec

from plumbline.access import Permission
from plumbline.api.call import Call
from plumbline.api.fields import Count, Time
from plumbline.api.route import route
from plumbline.api.shown import JobView, view_job
from plumbline.flow.pipelines.runner_heartbeats import runner_statuses, waiting_jobs
from plumbline.kernel import t


class RunnerView(msgspec.Struct, frozen=True, kw_only=True):
    """``alive``: it gave a sign of life within the last 90 seconds."""

    name: str
    replica: str
    alive: bool
    threads: Count  # jobs at the same time
    tags: list[str]
    started: Time
    seen: Time
    jobs: list[JobView]  # that it holds


class RunnerList(msgspec.Struct, frozen=True, kw_only=True):
    runners: list[RunnerView]
    waiting: Count  # jobs that wait for a runner


@route("GET", "/runners", t("The runners with the jobs they hold."), permission=Permission.RUNNER_VIEW)
def list_runners(call: Call) -> RunnerList:
    found = [
        RunnerView(
            name=one.heartbeat.owner,
            replica=one.heartbeat.replica,
            alive=one.alive,
            threads=one.heartbeat.threads,
            tags=list(one.heartbeat.tags),
            started=one.heartbeat.started,
            seen=one.heartbeat.seen,
            jobs=[view_job(job) for job in one.jobs],
        )
        for one in runner_statuses(call.service.pipelines)
    ]
    return RunnerList(runners=found, waiting=waiting_jobs(call.service.pipelines))


PART = (list_runners,)
