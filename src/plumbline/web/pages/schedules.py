"""What starts the pipelines of a project by the clock."""

from __future__ import annotations

import msgspec

from plumbline.access import Permission
from plumbline.model.server import Schedule
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.pages.project import frame
from plumbline.web.panels import keeps


@shows("/projects/{node:int}/schedules")
def schedules(ask: Ask) -> Shown:
    values, node = frame(ask, "schedules")
    values["schedules"] = ask.desk.schedules(ask.visitor, node)
    values["command"] = api_command(f"/projects/{node}/schedules")
    values["writes_schedules"] = ask.desk.may(ask.visitor, Permission.SCHEDULE_WRITE, node)
    values["runs"] = ask.desk.may(ask.visitor, Permission.PIPELINE_RUN, node)
    return Shown("project.html", values)


@does("/projects/{node:int}/schedules")
@keeps(schedules)
def put_schedule(ask: Ask) -> Redirect:
    schedule = Schedule(
        project=ask.numbers["node"],
        title=ask.text("title").strip(),
        cron=ask.text("cron").strip(),
        time_zone=ask.text("time_zone").strip() or "UTC",
        ref=ask.text("ref").strip(),
        owner=ask.visitor.person.id,
    )
    ask.desk.put_schedule(ask.visitor, schedule)
    return _back(ask)


@does("/projects/{node:int}/schedules/remove")
def remove_schedule(ask: Ask) -> Redirect:
    ask.desk.remove_schedule(ask.visitor, ask.number("schedule"))
    return _back(ask)


@does("/projects/{node:int}/schedules/switch")
def switch_schedule(ask: Ask) -> Redirect:
    """Pause it, or let it go on; it is the visitor's from then on."""
    found = ask.desk.schedule(ask.visitor, ask.number("schedule"))
    ask.desk.put_schedule(ask.visitor, msgspec.structs.replace(found, active=ask.text("active") == "1"))
    return _back(ask)


@does("/projects/{node:int}/schedules/play")
@keeps(schedules)
def play_schedule(ask: Ask) -> Redirect:
    return Redirect(f"/pipelines/{ask.desk.play_schedule(ask.visitor, ask.number('schedule')).id}")


def _back(ask: Ask) -> Redirect:
    return Redirect(f"/projects/{ask.numbers['node']}/schedules")


PART = (schedules, put_schedule, remove_schedule, switch_schedule, play_schedule)
