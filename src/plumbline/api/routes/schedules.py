"""What starts pipelines of a project by the clock."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Count, Id, Line, Time
from plumbline.api.route import route
from plumbline.api.shown import PipelineView, show_pipeline
from plumbline.flow.pipelines import schedules as flow
from plumbline.kernel import t
from plumbline.model.server import Schedule


class ScheduleView(msgspec.Struct, frozen=True, kw_only=True):
    """``pipeline``: that it started the last time; 0: none, and ``message`` says why."""

    id: Id
    project: Id
    title: str
    cron: str
    time_zone: str
    ref: str
    active: bool
    owner: Count
    next: Time
    last: Time
    pipeline: Count
    message: str


class ScheduleList(msgspec.Struct, frozen=True, kw_only=True):
    schedules: list[ScheduleView]


class ScheduleWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``cron``: minute, hour, day, month, day of the week."""

    cron: Annotated[Line, Meta(min_length=1)]
    time_zone: Line = "UTC"
    title: Line = ""
    ref: Line = ""
    active: bool = True


@route("GET", "/projects/{project}/schedules", t("What starts pipelines of a project by the clock."),
       use_case=use_cases.LIST_SCHEDULES)  # fmt: skip
def list_schedules(call: Call, project: Id) -> ScheduleList:
    found = flow.list_schedules(call.actor, call.tools.pipelines, project)
    return ScheduleList(schedules=[_show(one.schedule) for one in found])


@route("POST", "/projects/{project}/schedules", t("Add a schedule."), status=201, refusals=(422,),
       use_case=use_cases.WRITE_SCHEDULE)  # fmt: skip
def create_schedule(call: Call, project: Id, body: ScheduleWrite) -> ScheduleView:
    return _put(call, body, project=project)


@route("PUT", "/schedules/{schedule}", t("Replace what a schedule says."), refusals=(422,),
       use_case=use_cases.WRITE_SCHEDULE)  # fmt: skip
def update_schedule(call: Call, schedule: Id, body: ScheduleWrite) -> ScheduleView:
    return _put(call, body, schedule=schedule)


@route("DELETE", "/schedules/{schedule}", t("Remove a schedule."), status=204, use_case=use_cases.REMOVE_SCHEDULE)
def delete_schedule(call: Call, schedule: Id) -> None:
    flow.remove_schedule(call.actor, call.tools.pipelines, schedule)


@route("POST", "/schedules/{schedule}/play", t("Start the pipeline of a schedule now."), status=201,
       refusals=(409, 422), use_case=use_cases.PLAY_SCHEDULE)  # fmt: skip
def run_schedule(call: Call, schedule: Id) -> PipelineView:
    return show_pipeline(call, flow.play_schedule(call.actor, call.tools.pipelines, schedule))


def _put(call: Call, body: ScheduleWrite, *, project: int = 0, schedule: int = 0) -> ScheduleView:
    said = Schedule(id=schedule, project=project, **msgspec.structs.asdict(body))
    return _show(flow.put_schedule(call.actor, call.tools.pipelines, said))


def _show(one: Schedule) -> ScheduleView:
    return ScheduleView(**{name: getattr(one, name) for name in ScheduleView.__struct_fields__})


PART = (list_schedules, create_schedule, update_schedule, delete_schedule, run_schedule)
