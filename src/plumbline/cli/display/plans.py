"""A plan as a table, as JSON, and as variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.cli.display.screen import width
from plumbline.cli.display.table import table
from plumbline.cli.display.words import Paint, duration
from plumbline.kernel import Text, t
from plumbline.kernel.text import nt
from plumbline.model.job import When
from plumbline.model.pipeline import Job, JobDecision, Plan, VariableSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_MOST_LEFT_OUT = 12  # names in one line
_MOST_NEEDS = 4

_SOURCES: dict[VariableSource, Text] = {
    VariableSource.PREDEFINED: t("predefined"),
    VariableSource.DEPLOYMENT: t("deployment"),
    VariableSource.TOP_LEVEL: t("top level"),
    VariableSource.WORKFLOW_RULE: t("workflow rule"),
    VariableSource.JOB: t("job"),
    VariableSource.MATRIX: t("matrix"),
    VariableSource.JOB_RULE: t("rule of the job"),
    VariableSource.DOTENV: t("dotenv"),
    VariableSource.INSTANCE: t("instance"),
    VariableSource.GROUP: t("group"),
    VariableSource.PROJECT: t("project"),
    VariableSource.PIPELINE: t("pipeline"),
    VariableSource.POLICY: t("policy"),
}


def plan_lines(plan: Plan, paint: Paint) -> Iterator[str]:
    """The pipeline in one line, its jobs in a table, and the jobs that are left out with their reasons."""
    yield paint(_heading(plan), "bold")
    if plan.jobs:
        yield ""
        rows = [(job.stage, job.name, job.when, _needs(job), _remarks(job)) for job in plan.jobs]
        head, *lines = table((t("stage"), t("job"), t("when"), t("needs"), t("remarks")), rows, width=width())
        yield paint(head, "dim")
        yield from lines
    left_out = [decision for decision in plan.decisions if not decision.included]
    if left_out:
        yield ""
        yield paint(nt("{count} job is left out:", "{count} jobs are left out:", len(left_out)), "dim")
    for line in _left_out(left_out):
        yield paint(f"  {line}", "dim")


def _left_out(decisions: Sequence[JobDecision]) -> Iterator[str]:
    """Each reason with its jobs, in the order of the first; jobs that one line keeps out stand together."""
    together: dict[str, list[str]] = {}
    for decision in decisions:
        where = f" ({decision.where})" if decision.where else ""
        together.setdefault(f"{decision.reason}{where}", []).append(decision.job)
    for reason, jobs in together.items():
        if len(jobs) > _MOST_LEFT_OUT:
            rest = len(jobs) - _MOST_LEFT_OUT
            more = nt("and {count} more", "and {count} more", rest)
            yield f"{', '.join(jobs[:_MOST_LEFT_OUT])} {more}: {reason}"
        else:
            yield f"{', '.join(jobs)}: {reason}"


def _heading(plan: Plan) -> str:
    change = plan.change
    name = f"{plan.workflow.name}: " if plan.workflow.name else ""
    jobs = nt("{count} job", "{count} jobs", len(plan.jobs))
    stages = nt("{count} stage", "{count} stages", len(plan.stages))
    subject = t("{event} of {ref}", event=change.event, ref=change.ref or change.sha[:8] or t("no ref"))
    return f"{name}{subject}: {jobs}, {stages}"


def _needs(job: Job) -> str:
    if job.needs is None:
        return str(t("earlier stages")) if job.stage_index else ""
    names = [need.job for need in job.needs]
    if not names:
        return str(t("nothing"))
    return ", ".join(names[:_MOST_NEEDS]) + (", …" if len(names) > _MOST_NEEDS else "")


def _remarks(job: Job) -> str:
    remarks: list[Text] = []
    if job.allow_failure.exit_codes:
        codes = ", ".join(str(code) for code in job.allow_failure.exit_codes)
        remarks.append(t("may fail with {codes}", codes=codes))
    elif job.allow_failure.allowed:
        remarks.append(t("may fail"))
    if job.when is When.DELAYED and job.start_in is not None:
        remarks.append(t("after {time}", time=duration(job.start_in)))
    if job.image is not None:
        remarks.append(t("image {name}", name=job.image.name))
    if job.trigger is not None:
        remarks.append(t("starts {what}", what=job.trigger.project or t("a child pipeline")))
    if job.environment is not None:
        remarks.append(t("environment {name}", name=job.environment.name))
    if job.resource_group:
        remarks.append(t("one at a time in {group}", group=job.resource_group))
    if job.retry.max:
        remarks.append(nt("up to {count} retry", "up to {count} retries", job.retry.max))
    return ", ".join(str(remark) for remark in remarks)


def plan_fields(plan: Plan) -> dict[str, Any]:
    """A plan for JSON: what ``plumb plan`` shows, and the scripts."""
    return {
        "event": plan.change.event,
        "ref": plan.change.ref,
        "sha": plan.change.sha,
        "name": plan.workflow.name,
        "stages": plan.stages,
        "jobs": [_job_fields(job) for job in plan.jobs],
        "left_out": [
            {"job": decision.job, "reason": str(decision.reason), "where": str(decision.where or "")}
            for decision in plan.decisions
            if not decision.included
        ],
        "files": plan.files,
    }


def _job_fields(job: Job) -> dict[str, Any]:
    return {
        "name": job.name,
        "stage": job.stage,
        "where": str(job.where),
        "when": job.when,
        "start_in": job.start_in,
        "needs": None if job.needs is None else [need.job for need in job.needs],
        "allow_failure": job.allow_failure.allowed,
        "allow_failure_exit_codes": job.allow_failure.exit_codes,
        "image": job.image.name if job.image else None,
        "services": [service.name for service in job.services],
        "tags": job.tags,
        "environment": job.environment.name if job.environment else None,
        "resource_group": job.resource_group,
        "retry": job.retry.max,
        "timeout": job.timeout,
        "trigger": job.trigger is not None,
        "before_script": job.before_script,
        "script": job.script,
        "after_script": job.after_script,
        "variables": {variable.name: _value(variable.value, variable.masked) for variable in job.variables},
    }


def variable_rows(plan: Plan, job: Job) -> list[tuple[str, str, str]]:
    """Name, value (masked where it is) and source of every variable the job would see, by name."""
    found = {variable.name: variable for variable in (*plan.variables, *job.variables)}
    order = list(VariableSource)
    for variable in plan.variables:  # a job's own variable only wins over sources of lower precedence
        if order.index(variable.source) > order.index(found[variable.name].source):
            found[variable.name] = variable
    return [
        (variable.name, _value(variable.value, variable.masked), str(_SOURCES[variable.source]))
        for _, variable in sorted(found.items())
    ]


def _value(value: str, masked: bool) -> str:
    return "[MASKED]" if masked else value


def without_subclasses(value: Any) -> Any:
    """Plain dicts, lists and scalars, which is all that a YAML writer knows."""
    if isinstance(value, dict):
        mapping: Mapping[Any, Any] = value
        return {str(key): without_subclasses(item) for key, item in mapping.items()}
    if isinstance(value, (list, tuple)):
        return [without_subclasses(item) for item in value]
    return value
