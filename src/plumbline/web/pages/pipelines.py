"""The newest pipelines of all projects."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.flow.pipelines.read import list_pipelines, projects_of
from plumbline.kernel import t
from plumbline.web.page import Ask, Shown, api_command, shows
from plumbline.web.places import Entry, Group, Where

PAGE = 40
_DRAWN = "M1.5 8h3M7 8h2M11.5 8h3M4.5 6v4H7V6zM9 6v4h2.5V6z"


@shows("/pipelines", use_case=use_cases.LIST_PIPELINES, entries=(
    Entry("pipelines", t("Pipelines"), Group.BUILD, Where.ESTATE, drawn=_DRAWN),))  # fmt: skip
def newest(ask: Ask) -> Shown:
    before = ask.number("before")
    found = list_pipelines(ask.actor, ask.tools.pipelines, PAGE + 1, before=before)
    values = {
        "pipelines": found[:PAGE],
        "more": found[PAGE - 1].id if len(found) > PAGE else 0,
        "before": before,
        "projects": projects_of(ask.actor, ask.tools.pipelines, found),
        "command": api_command("/pipelines"),
    }
    return Shown("pipelines.html", values)


PART = (newest,)
