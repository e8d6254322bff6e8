"""The newest pipelines of all projects."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.flow.pipelines.read import list_pipelines, projects_of
from plumbline.web.page import Ask, Shown, api_command, shows

PAGE = 40


@shows("/pipelines", use_case=use_cases.LIST_PIPELINES)
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
