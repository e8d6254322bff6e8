"""``plumb plan``: what a pipeline would be, without running anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.cli.help import command, option
from plumbline.cli.options import change_options, colour_option, event_option, open_pipeline, shown_plan
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.model.pipeline import Job, Plan


@command(
    "plan",
    t("Show the jobs that a pipeline would have, and why others are left out."),
    t("Nothing is run and nothing is written."),
)
@option(
    "--variables", "variables_of", metavar="JOB", text=t("The variables that this job would see, with their sources.")
)
@option("--expanded", is_flag=True, text=t("The configuration after include, extends and !reference, as YAML."))
@option("--json", "as_json_", is_flag=True, text=t("As JSON."))
@event_option
@colour_option
@change_options
def PART(  # noqa: N802
    event: str, variables_of: str | None, expanded: bool, as_json_: bool, colour: bool | None, **options: Any
) -> None:
    from plumbline.cli.display.screen import paint_for, say
    from plumbline.flow.jobs.redactor import Redactor

    tools = open_pipeline(options, event)
    plan = shown_plan(tools, paint_for(colour), left_out=variables_of is not None)
    if variables_of is not None:
        lines = _variables(plan, variables_of, as_json_)
    elif expanded:
        lines = [_expanded(plan)]
    elif as_json_:
        lines = [_json(plan)]
    else:
        from plumbline.cli.display.plans import plan_lines

        lines = list(plan_lines(plan, paint_for(colour)))
    hide = Redactor(tools.asked.variables).text
    for line in lines:
        say(hide(line))


def _json(plan: Plan) -> str:
    from plumbline.cli.display.events import as_json
    from plumbline.cli.display.plans import plan_fields

    return as_json(plan_fields(plan))


def _expanded(plan: Plan) -> str:
    import yaml

    from plumbline.cli.display.plans import without_subclasses

    text: str = yaml.safe_dump(
        without_subclasses(plan.expanded), sort_keys=False, allow_unicode=True, width=110, default_flow_style=False
    )
    return text.rstrip()


def _variables(plan: Plan, name: str, as_json_: bool) -> list[str]:
    from plumbline.cli.display.events import as_json
    from plumbline.cli.display.plans import variable_rows
    from plumbline.cli.display.table import table

    rows = variable_rows(plan, _job(plan, name))
    if as_json_:
        return [as_json([dict(zip(("name", "value", "source"), row, strict=True)) for row in rows])]
    return table((t("variable"), t("source"), t("value")), [(row[0], row[2], row[1]) for row in rows])


def _job(plan: Plan, name: str) -> Job:
    """The job of this name; one that is not in the pipeline is as it would be, and it is said why it is not."""
    import click

    from plumbline.flow.jobs.selection import Selection, select

    for job in plan.left_out:
        if name in (job.name, job.group) and all(name not in (other.name, other.group) for other in plan.jobs):
            reason = next(decision.reason for decision in plan.decisions if decision.job == job.group)
            click.echo(t("The job '{job}' is not in this pipeline: {reason}", job=job.group, reason=reason), err=True)
            return job
    return select(plan, Selection(jobs=(name,))).jobs[0]
