"""What starts the pipelines of a project by the clock."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.flow.pipelines import schedules as flow
from plumbline.flow.pipelines.read import pipeline_acts
from plumbline.kernel import t
from plumbline.model.server import Schedule
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import keeps
from plumbline.web.places import PROJECTS, Entry, Group
from plumbline.web.project import frame

_DRAWN = "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 4.8V8l2.2 1.6"


@shows(
    "/projects/{node:int}/schedules",
    use_case=use_cases.LIST_SCHEDULES,
    entries=(
        Entry(
            "schedules",
            t("Schedules"),
            Group.BUILD,
            kinds=PROJECTS,
            order=2,
            drawn=_DRAWN,
        ),
    ),
)
def schedules(ask: Ask) -> Shown:
    values, node = frame(ask, "schedules")
    values["schedules"] = flow.list_schedules(ask.actor, ask.tools.pipelines, node)
    values["command"] = api_command(f"/projects/{node}/schedules")
    values["acts"] = pipeline_acts(ask.actor, ask.tools.pipelines, node)
    return Shown("project.html", values)


@does("/projects/{node:int}/schedules", use_case=use_cases.WRITE_SCHEDULE)
@keeps(schedules)
def put_schedule(ask: Ask) -> Redirect:
    schedule = Schedule(
        project=ask.numbers["node"],
        title=ask.text("title").strip(),
        cron=ask.text("cron").strip(),
        time_zone=ask.text("time_zone").strip() or "UTC",
        ref=ask.text("ref").strip(),
    )
    flow.put_schedule(ask.actor, ask.tools.pipelines, schedule)
    return _back(ask)


@does("/projects/{node:int}/schedules/remove", use_case=use_cases.REMOVE_SCHEDULE)
def remove_schedule(ask: Ask) -> Redirect:
    flow.remove_schedule(ask.actor, ask.tools.pipelines, ask.number("schedule"))
    return _back(ask)


@does("/projects/{node:int}/schedules/switch", use_case=use_cases.WRITE_SCHEDULE)
def switch_schedule(ask: Ask) -> Redirect:
    """Pause it, or let it go on; it is the visitor's from then on."""
    flow.switch_schedule(ask.actor, ask.tools.pipelines, ask.number("schedule"), active=ask.text("active") == "1")
    return _back(ask)


@does("/projects/{node:int}/schedules/play", use_case=use_cases.PLAY_SCHEDULE)
@keeps(schedules)
def play_schedule(ask: Ask) -> Redirect:
    made = flow.play_schedule(ask.actor, ask.tools.pipelines, ask.number("schedule"))
    return Redirect(f"/pipelines/{made.id}")


def _back(ask: Ask) -> Redirect:
    return Redirect(f"/projects/{ask.numbers['node']}/schedules")


PART = (schedules, put_schedule, remove_schedule, switch_schedule, play_schedule)
