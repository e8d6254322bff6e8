"""Who runs jobs."""

from __future__ import annotations

import msgspec

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Count, Time
from plumbline.api.route import route
from plumbline.api.shown import JobView, show_jobs
from plumbline.flow.pipelines import read
from plumbline.flow.pipelines.runner_heartbeats import RunnerStatus
from plumbline.kernel import t


class RunnerView(msgspec.Struct, frozen=True, kw_only=True):
    """``alive``: it gave a sign of life within the last 90 seconds. ``held``: how many jobs it has, with those of
    projects that whoever asks does not see."""

    name: str
    replica: str
    alive: bool
    threads: Count  # jobs at the same time
    tags: list[str]
    started: Time
    seen: Time
    held: Count
    jobs: list[JobView]


class RunnerList(msgspec.Struct, frozen=True, kw_only=True):
    runners: list[RunnerView]
    waiting: Count  # jobs that wait for a runner


@route("GET", "/runners", t("The runners with the jobs they hold."), use_case=use_cases.LIST_RUNNERS)
def list_runners(call: Call) -> RunnerList:
    seen = read.list_runners(call.actor, call.tools.pipelines)
    return RunnerList(runners=[_show(call, one, seen.shown) for one in seen.runners], waiting=seen.waiting)


def _show(call: Call, one: RunnerStatus, shown: frozenset[int]) -> RunnerView:
    return RunnerView(
        name=one.heartbeat.owner,
        replica=one.heartbeat.replica,
        alive=one.alive,
        threads=one.heartbeat.threads,
        tags=list(one.heartbeat.tags),
        started=one.heartbeat.started,
        seen=one.heartbeat.seen,
        held=len(one.jobs),
        jobs=show_jobs(call, [job for job in one.jobs if job.id in shown], {}),
    )


PART = (list_runners,)
