"""``plumb why JOB``: the rule, the line and the values that decide about a job."""

from __future__ import annotations

from typing import Any

from plumbline.cli.help import command, option
from plumbline.cli.options import change_options, colour_option, event_option, job_argument, open_pipeline, shown_plan
from plumbline.kernel import t


@command(
    "why",
    t("Explain why a job runs, does not run, or waits."),
    t("It names the rule that decided, its line, and the values that were compared."),
)
@job_argument("job")
@option("--json", "as_json_", is_flag=True, text=t("As JSON."))
@event_option
@colour_option
@change_options
def PART(job: str, event: str, as_json_: bool, colour: bool | None, **options: Any) -> None:  # noqa: N802
    from plumbline.cli.display.explanation import explanation_fields, explanation_lines
    from plumbline.cli.display.screen import paint_for, say
    from plumbline.flow.jobs.redactor import Redactor
    from plumbline.flow.runs.explain import explain

    tools = open_pipeline(options, event)
    paint = paint_for(colour)
    plan = shown_plan(tools, paint)
    newest = tools.runs.newest(1)
    hide = Redactor(tools.asked.variables).text
    explanation = explain(plan, job, newest[0] if newest else None)
    if as_json_:
        from plumbline.cli.display.events import as_json

        say(hide(as_json(explanation_fields(explanation))))
        return
    for line in explanation_lines(explanation, newest[0] if newest else None, paint):
        say(hide(line))
