"""A file that a pipeline was made of, as its commit has it, with a line marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.pipelines.configuration import read_configuration
from plumbline.flow.pipelines.read import view_plan
from plumbline.web.page import Ask, Shown, shows
from plumbline.web.tree import find

if TYPE_CHECKING:
    from plumbline.model.problem import Problem

LINES = 5000  # that are shown


@shows("/pipelines/{pipeline:int}/file", use_case=use_cases.VIEW_CONFIGURATION, inside="pipelines", slow=True)
def file(ask: Ask) -> Shown:
    server, name = ask.tools.pipelines, ask.text("name")
    found = read_configuration(ask.actor, server, ask.numbers["pipeline"], name)
    problems: dict[int, dict[str, Problem]] = {}
    for one in view_plan(ask.actor, server, found.pipeline.id).problems:
        if one.where is not None and one.where.file == name:
            problems.setdefault(one.where.line, {})[str(one)] = one
    lines = None if found.text is None else found.text.splitlines()
    values = {
        "pipeline": found.pipeline,
        "ancestors": find(ask, found.pipeline.project)[1],
        "links_itself": True,
        "name": name,
        "names": found.names,
        "lines": None if lines is None else lines[:LINES],
        "more": 0 if lines is None else max(0, len(lines) - LINES),
        "marked": ask.number("line"),
        "problems": problems,
    }
    return Shown("configuration.html", values)


PART = (file,)
