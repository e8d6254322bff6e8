"""From a planned job to the complete order an executor is handed: variables settled, scripts in steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.jobs.needs_elsewhere import MISSING_DEPENDENCY, producers_elsewhere
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.job import FailureReason, JobOrder, JobResult, ScriptStep, State
from plumbline.model.pipeline import Job, Variable, VariableSource
from plumbline.model.run import JobRecord
from plumbline.pipeline import VariableError, expand, expand_all, fill_inputs, predefined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plumbline.flow.jobs.pipeline_run import PipelineRun, Producer
    from plumbline.kernel import Text

AFTER_SCRIPT_TIMEOUT = 300.0  # seconds (docs: ci/yaml/#after_script)


def order_job(pipeline: PipelineRun, job: Job, record: JobRecord, *, now: float) -> JobOrder:
    """The order for one attempt. Raises PlumblineError when a secret is nowhere to be had, ``missing-dependency``
    when the artifacts that it is to be handed are gone, and ``job-input`` where its inputs cannot be filled in."""
    job = fill_inputs(job)
    timeout = job.timeout if job.timeout is not None else pipeline.tools.asked.default_timeout
    persisted = predefined.persisted(
        job_id=record.id,
        pipeline_id=pipeline.number,
        pipeline_iid=pipeline.iid,
        home=pipeline.home,
        project=pipeline.plan.change.project,
        now=now,
        timeout=timeout,
    )
    variables, sources = _settled(pipeline, job, (*persisted, *pipeline.given))
    _check_secrets(job, variables)
    return JobOrder(
        id=record.id,
        name=job.name,
        stage=job.stage,
        attempt=record.attempt,
        pipeline_id=pipeline.number,
        variables=variables,
        steps=_steps(job),
        timeout=timeout,
        image=None if pipeline.tools.asked.shell else job.image,
        services=() if pipeline.tools.asked.shell else job.services,
        artifacts=job.artifacts,
        caches=job.caches,
        dependencies=tuple(source.job_id for source in sources if source.archive),
        tags=job.tags,
        coverage=job.coverage,
        interruptible=job.interruptible,
        notices=(*_left_out(pipeline, job), *_empty_tokens(job, variables)),
    )


def _settled(
    pipeline: PipelineRun, job: Job, persisted: tuple[Variable, ...]
) -> tuple[tuple[Variable, ...], tuple[Producer, ...]]:
    """The variables of a job, and the jobs whose artifacts it is handed: those of its own pipeline, then others."""
    variables = variables_of(pipeline, job, persisted)
    values = {variable.name: variable.value for variable in variables}
    others = producers_elsewhere(pipeline.elsewhere, job, values)
    sources = (*pipeline.sources_of(job), *others)
    _check_artifacts(sources)
    dotenv = tuple(variable for source in others for variable in source.dotenv)
    return (variables_of(pipeline, job, persisted, dotenv) if dotenv else variables), sources


def _left_out(pipeline: PipelineRun, job: Job) -> Iterator[Text]:
    """What ``--shell`` leaves out of a job."""
    if not pipeline.tools.asked.shell:
        return
    if job.image is not None:
        yield t(
            "The image {image} is left out: the job runs in the shell of this machine (--shell)", image=job.image.name
        )
    if job.services:
        names = ", ".join(service.name for service in job.services)
        yield t("These services are left out, so nothing answers in their place (--shell): {services}", services=names)


def _empty_tokens(job: Job, variables: tuple[Variable, ...]) -> Iterator[Text]:
    for name in missing_tokens(job, variables):
        yield t(
            "The token '{name}' is empty: a local run has no issuer. Give one with --secret {name}=VALUE", name=name
        )


def not_started(error: PlumblineError) -> JobResult:
    """How an attempt ended that nobody could begin."""
    missing = error.code == MISSING_DEPENDENCY
    reason = FailureReason.MISSING_DEPENDENCY if missing else FailureReason.RUNNER_SYSTEM
    return JobResult(state=State.FAILED, reason=reason, message=told(error))


def told(error: PlumblineError) -> Text:
    """A refusal as the message of a job."""
    return t("{message} ({hint})", message=error.message, hint=error.hint) if error.hint else error.message


def missing_tokens(job: Job, variables: Iterable[Variable]) -> list[str]:
    """The names of ``id_tokens`` for which no variable stands in."""
    given = {variable.name for variable in variables} if job.id_tokens else set()
    return [name for name in job.id_tokens if name not in given]


def variables_of(
    pipeline: PipelineRun,
    job: Job,
    persisted: tuple[Variable, ...] = (),
    from_elsewhere: tuple[Variable, ...] = (),
) -> tuple[Variable, ...]:
    """Every variable of a job once, its value final: by precedence, environment and protection, and expanded.
    ``from_elsewhere``: what jobs of other pipelines handed on."""
    environment = job.environment.name if job.environment else None
    dotenv = [variable for source in pipeline.sources_of(job) for variable in source.dotenv]
    dotenv += from_elsewhere
    known = pipeline.scope.of_job((*job.variables, *dotenv), inherit=job.inherit_variables, environment=environment)
    about = predefined.of_job(job)
    low = {variable.name: variable for variable in (*persisted, *about)}
    try:
        variables = expand_all(tuple({**low, **known}.values()), raw_references=False)
    except VariableError as error:
        raise PlumblineError(
            "variables-not-expandable", error.message, error.hint, kind=ErrorKind.CONFIGURATION
        ) from error
    if job.environment is None or not job.environment.url:
        return tuple(variables)
    values = {variable.name: variable.value for variable in variables}
    url = Variable("CI_ENVIRONMENT_URL", expand(job.environment.url, values), VariableSource.PREDEFINED)
    return (*variables, url)


def _steps(job: Job) -> tuple[ScriptStep, ...]:
    steps = []
    if job.pre_get_sources:
        steps.append(ScriptStep(name="pre_get_sources_script", lines=job.pre_get_sources))
    steps.append(ScriptStep(name="script", lines=job.before_script + job.script))
    if job.release is not None:
        steps.append(ScriptStep(name="release", lines=()))
    if job.after_script:
        steps.append(
            ScriptStep(
                name="after_script",
                lines=job.after_script,
                timeout=AFTER_SCRIPT_TIMEOUT,
                always=True,
                allow_failure=True,
            )
        )
    return tuple(steps)


def _check_artifacts(sources: Iterable[Producer]) -> None:
    gone = next((source for source in sources if source.archive and source.gone), None)
    if gone is not None:
        raise PlumblineError(
            MISSING_DEPENDENCY,
            t("the artifacts of '{job}' (job {id}) are gone, since their time was over", job=gone.name, id=gone.job_id),
            t("Run '{job}' again, and then this job.", job=gone.name),
        )


def _check_secrets(job: Job, variables: tuple[Variable, ...]) -> None:
    """A secret from a vault is fetched by a runner of the server; here a variable of its name must stand in."""
    missing = set(job.secrets) - {variable.name for variable in variables}
    if missing:
        name = min(missing)
        raise PlumblineError(
            "secret-not-available",
            t("The secret '{name}' comes from a vault, which is not asked here.", name=name),
            t("Give it a value for this run: --secret {name}=VALUE", name=name),
        )
