"""``plumb lint``: everything that is wrong with a configuration, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.cli.errors import CONFIGURATION, OK
from plumbline.cli.help import Choice, command, option
from plumbline.cli.options import EVENTS, change_options, colour_option, open_pipeline
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from plumbline.flow.jobs.tools import Tools

_SUPPOSED_TAG = "v1.0.0"
_EVENTS = ("push", "merge_request_event", "tag")
_ASKED = ("push",)  # of these, where none is named: that there are merge requests and tags is only supposed


@command(
    "lint",
    t("Check the configuration: all problems at once, with file, line and a hint."),
    t("The pipeline is planned for each event, so rules are evaluated too, and jobs that no event starts are named."),
    t("What is wrong in pipelines for merge requests or tags alone is a warning, unless --event names them."),
    t("Where no tag is checked out, the event `tag` supposes one called {name}.", name=_SUPPOSED_TAG),
    t("Where no branch is checked out, the default branch is supposed."),
)
@option(
    "--event",
    "events",
    type=Choice(EVENTS),
    multiple=True,
    text=t("Plan for this event; repeatable (default: push, merge_request_event and tag)."),
)
@option("--strict", is_flag=True, text=t("A warning fails as well."))
@option("--json", "as_json_", is_flag=True, text=t("As JSON."))
@colour_option
@change_options
def PART(  # noqa: N802
    events: tuple[str, ...], strict: bool, as_json_: bool, colour: bool | None, **options: Any
) -> int:
    from plumbline.cli.display.problems import counted_problems, problem_fields, problem_lines
    from plumbline.cli.display.screen import paint_for, say
    from plumbline.flow.jobs.plan_pipeline import plan_pipeline
    from plumbline.flow.jobs.redactor import Redactor
    from plumbline.flow.runs.lint import check

    tools = {event: _tools(options, event) for event in dict.fromkeys(events or _EVENTS)}
    parsed: dict[tuple[str, bytes], Any] = {}
    plans = {event: plan_pipeline(of_event, parsed=parsed) for event, of_event in tools.items()}
    report = check(plans, events or _ASKED)
    hide = Redactor(variable for of_event in tools.values() for variable in of_event.asked.variables).text
    failed = report.failed or (strict and any(problem.severity == "warning" for problem in report.problems))
    if as_json_:
        from plumbline.cli.display.events import as_json

        fields = {
            "valid": not failed,
            "problems": [problem_fields(problem) for problem in report.problems],
            "jobs": report.jobs,
            "files": report.files,
        }
        say(hide(as_json(fields)))
        return CONFIGURATION if failed else OK
    paint = paint_for(colour)
    for line in problem_lines(report.problems, paint):
        say(hide(line))
    jobs = ", ".join(f"{event} {count}" for event, count in report.jobs.items())
    if failed:
        say(paint(counted_problems(report.problems), "red"))
    else:
        say(paint(t("valid: {problems}; jobs by event: {jobs}",
                    problems=counted_problems(report.problems), jobs=jobs), "green"))  # fmt: skip
    return CONFIGURATION if failed else OK


def _tools(options: dict[str, Any], event: str) -> Tools:
    """The tools for an event; for a tag where none is checked out, as if this commit were tagged, and where no branch
    is checked out, as if it were the default branch's."""
    try:
        tools = open_pipeline(options, event)
    except PlumblineError as error:
        if error.code != "no-tag":
            raise
        return _supposing(open_pipeline(options, "push"), branch="", tag=_SUPPOSED_TAG)
    change = tools.change
    return tools if change.ref or change.merge_request else _supposing(tools, branch=change.project.default_branch)


def _supposing(tools: Tools, **facts: str) -> Tools:
    from dataclasses import replace

    import msgspec

    return replace(tools, change=msgspec.structs.replace(tools.change, **facts))
