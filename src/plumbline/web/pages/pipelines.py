"""The newest pipelines of all projects."""

from __future__ import annotations

from plumbline.web.page import Ask, Shown, api_command, shows

PAGE = 40


@shows("/pipelines")
def newest(ask: Ask) -> Shown:
    before = ask.number("before")
    found = ask.desk.pipelines(ask.visitor, 0, "", before, PAGE + 1)
    values = {
        "pipelines": found[:PAGE],
        "more": found[PAGE - 1].id if len(found) > PAGE else 0,
        "before": before,
        "projects": {node.id: node for node in ask.desk.nodes(ask.visitor)},
        "command": api_command("/pipelines"),
    }
    return Shown("pipelines.html", values)


PART = (newest,)
