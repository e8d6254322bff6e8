"""Trigger jobs: the plan of a child pipeline, or of a pipeline in another project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.flow.jobs.order_job import told, variables_of
from plumbline.flow.jobs.redactor import Redactor
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import Event
from plumbline.model.job import FailureReason, JobResult, State
from plumbline.model.pipeline import Job, Plan, TriggerInclude, Variable, VariableSource
from plumbline.pipeline import PlanRequest, expand, make_plan, predefined

if TYPE_CHECKING:
    from plumbline.flow.jobs.pipeline_run import PipelineRun
    from plumbline.flow.jobs.tools import PipelineTools
    from plumbline.kernel import Text
    from plumbline.model.problem import Problem

MAX_DEPTH = 2  # of child pipelines (docs: ci/pipelines/downstream_pipelines)


def downstream_plan(pipeline: PipelineRun, job: Job) -> tuple[Plan, PipelineTools]:
    """Plan what a trigger job starts. Raises PlumblineError with the reason why it cannot be, without masked values."""
    try:
        return _plan(pipeline, job)
    except PlumblineError as error:
        hide = Redactor((*pipeline.plan.variables, *variables_of(pipeline, job))).message
        message, hint = hide(error.message) or error.message, hide(error.hint)
        raise PlumblineError(error.code, message, hint, kind=error.kind) from error


def not_created(error: PlumblineError) -> JobResult:
    """How a trigger job ended whose pipeline could not be made."""
    return JobResult(state=State.FAILED, reason=FailureReason.DOWNSTREAM, message=told(error))


def _plan(pipeline: PipelineRun, job: Job) -> tuple[Plan, PipelineTools]:
    trigger = job.trigger
    assert trigger is not None
    if pipeline.depth >= MAX_DEPTH and trigger.include:
        raise _refused(t("Child pipelines may be nested {limit} deep.", limit=MAX_DEPTH))
    handed = _forwarded(pipeline, job)
    if trigger.include:
        tools = pipeline.tools
        change = msgspec.structs.replace(pipeline.plan.change, event=Event.PARENT)
        sources = [_source(pipeline, job, include) for include in trigger.include]
        own = tuple(v for v in pipeline.plan.variables if v.source in _OF_PROJECT)
        request = PlanRequest(change=change, config_path="", variables=own + handed, sources=tuple(sources))
    else:
        values = {v.name: v.value for v in variables_of(pipeline, job)}
        project, branch = (expand(text, values, unknown="") for text in (trigger.project, trigger.branch))
        tools = pipeline.tools.downstream(project, branch)
        change = msgspec.structs.replace(tools.change, event=Event.PIPELINE)
        request = PlanRequest(
            change=change,
            config_path=tools.asked.config_path,
            variables=tools.asked.variables + handed,
            inputs=trigger.inputs,
        )
    plan = make_plan(msgspec.structs.replace(request, now=pipeline.tools.clock()), tools.repository)
    if plan.errors:
        wrong = _first(plan.errors, job)
        raise _refused(Redactor((*request.variables, *plan.variables)).message(wrong) or wrong)
    if not plan.jobs:
        raise _refused(t("The downstream pipeline would have no jobs."))
    return plan, tools


def _source(
    pipeline: PipelineRun, job: Job, include: TriggerInclude
) -> TriggerInclude | tuple[str, bytes, dict[str, object]]:
    """An include as it is, or the content of the file that an earlier job left as an artifact."""
    if not include.artifact:
        return include
    values = {v.name: v.value for v in variables_of(pipeline, job)}
    path, producer = expand(include.artifact, values), include.job
    found = [p for p in pipeline.producers.values() if producer in (p.name, p.group) and p.archive]
    for source in found:
        content = pipeline.equipment.artifacts.read(source.job_id, path)
        if content is not None:
            return (f"{producer}:{path}", content, include.inputs)
    if any(source.gone for source in found):
        raise _refused(t("The artifacts of the job '{job}' are gone, since their time was over.", job=producer))
    if not found:
        raise _refused(t("The job '{job}' left no artifacts to take '{path}' from.", job=producer, path=path))
    raise _refused(t("The artifacts of '{job}' hold no file '{path}'.", job=producer, path=path))


def _of_pipeline(pipeline: PipelineRun) -> tuple[Variable, ...]:
    """A trigger job knows the number of its pipeline, so that it can hand it on."""
    known = predefined.of_pipeline(
        pipeline.number, pipeline.plan.change.project, pipeline_iid=pipeline.iid, home=pipeline.home
    )
    return tuple(Variable(name, value, VariableSource.PREDEFINED) for name, value in known.items())


def _forwarded(pipeline: PipelineRun, job: Job) -> tuple[Variable, ...]:
    """Variables for the downstream pipeline, where they stand as pipeline variables."""
    assert job.trigger is not None
    forward = job.trigger.forward
    visible = variables_of(pipeline, job, _of_pipeline(pipeline))
    handed: list[Variable] = []
    if forward.pipeline_variables:
        handed += [v for v in pipeline.plan.variables if v.source is VariableSource.PIPELINE]
    if forward.yaml_variables:
        own = {v.name for v in job.variables}
        top = {v.name for v in pipeline.plan.variables if v.source in _YAML_SOURCES}
        handed += [v for v in visible if v.name in own | (top & _inherited(job, top))]
    values = {v.name: v.value for v in visible}  # raw ones among them, which the jobs below cannot see
    secrets = [v.value for v in visible if v.masked and v.value]

    def expanded(variable: Variable) -> Variable:
        """What a masked value went into is as secret as that."""
        value = variable.value if variable.raw else expand(variable.value, values, unknown="")
        masked = variable.masked or any(secret in value for secret in secrets)
        return msgspec.structs.replace(variable, source=VariableSource.PIPELINE, value=value, masked=masked)

    return tuple(map(expanded, handed))


_OF_PROJECT = (
    VariableSource.INSTANCE,
    VariableSource.GROUP,
    VariableSource.PROJECT,
)  # they hold in child pipelines too
_YAML_SOURCES = (VariableSource.TOP_LEVEL, VariableSource.WORKFLOW_RULE)


def _inherited(job: Job, names: set[str]) -> set[str]:
    if isinstance(job.inherit_variables, bool):
        return names if job.inherit_variables else set()
    return names & set(job.inherit_variables)


def _first(problems: tuple[Problem, ...], job: Job) -> Text:
    """One problem in a sentence. One that has no place of its own was caused by the trigger job."""
    rest = len(problems) - 1
    problem = problems[0]
    if problem.where is None or not problem.where.line:
        problem = msgspec.structs.replace(problem, where=job.where)
    if rest:
        return t(
            "the downstream configuration has {count} more problems beside this one: {first}", count=rest, first=problem
        )
    return t("the downstream configuration is wrong: {first}", first=problem)


def _refused(message: Text) -> PlumblineError:
    return PlumblineError("downstream-refused", message, kind=ErrorKind.CONFIGURATION)
