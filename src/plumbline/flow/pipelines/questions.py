"""What a person should know before they play or retry a job: what goes where, and what is there now."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.pipelines.deployments import deploys, meaning_of
from plumbline.flow.pipelines.look_up import job_for, pipeline_for
from plumbline.model.job import PLAYABLE, RETRIED_WITH_PIPELINE, RETRYABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plumbline.access import Actor, UseCase
    from plumbline.flow.pipelines.lineage import Descent
    from plumbline.flow.pipelines.tools import Server
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.deployment import EnvironmentDeployment
    from plumbline.model.pipeline import Job
    from plumbline.model.server import StoredJob, StoredPipeline

_PRODUCTION = "production"


class Question(NamedTuple):
    """About one job. ``environment``: of production, that it deploys to; empty: the question is that of the
    configuration (``confirmation``) alone. ``there``: what succeeded there last, with its pipeline; None: nothing that
    was recorded. ``failed``: what failed there since. ``goes_back``: to an older commit; None: nobody knows."""

    job: StoredJob
    pipeline: StoredPipeline
    confirmation: str
    environment: str = ""
    there: EnvironmentDeployment | None = None
    there_of: StoredPipeline | None = None
    failed: EnvironmentDeployment | None = None
    goes_back: bool | None = False
    doubts: Sequence[Descent] = ()  # what git has to be asked before that is known


def questions_about_job(actor: Actor, server: Server, use_case: UseCase, job: int) -> Sequence[Question]:
    """``use_case``: play or retry. PlumblineErrors as of these."""
    with server.units.view(actor) as unit:
        pipeline, found = job_for(unit, use_case, job)
        goes = PLAYABLE if use_case is use_cases.PLAY_JOB else RETRYABLE
        asked = _questions(unit, server, pipeline, [found] if found.state in goes else [])
    return [_settled(server, one) for one in asked]


def questions_about_pipeline(actor: Actor, server: Server, pipeline: int) -> Sequence[Question]:
    """About all that a retry of it would run again."""
    with server.units.view(actor) as unit:
        found = pipeline_for(unit, use_cases.RETRY_PIPELINE, pipeline)
        newest = {job.name: job for job in unit.tx.jobs.of(pipeline)}
        asked = _questions(unit, server, found, [job for job in newest.values() if job.state in RETRIED_WITH_PIPELINE])
    return [_settled(server, one) for one in asked]


def _settled(server: Server, question: Question) -> Question:
    """Git is asked outside of transactions."""
    if not question.doubts:
        return question
    answers = [server.projects.contains(*descent) for descent in question.doubts]
    return question._replace(goes_back=True if any(answers) else None if None in answers else False)


def _questions(
    unit: UnitOfWork, server: Server, pipeline: StoredPipeline, jobs: Iterable[StoredJob]
) -> Sequence[Question]:
    plan = server.plans.get(unit.tx, pipeline.id)
    planned = {job.name: job for job in plan.jobs}
    asked = [_question(unit, server, pipeline, job, planned[job.name]) for job in jobs]
    return [one for one in asked if one.environment or one.confirmation]


def _question(unit: UnitOfWork, server: Server, pipeline: StoredPipeline, job: StoredJob, planned: Job) -> Question:
    asked = Question(job, pipeline, planned.manual_confirmation)
    if planned.environment is None or not deploys(planned) or planned.environment.tier != _PRODUCTION:
        return asked
    name = planned.environment.name
    state = unit.tx.deployments.state(pipeline.project, name)
    meaning = meaning_of(unit.tx, pipeline, planned, server.lineage.holds)
    there = state.serving
    by = unit.tx.jobs.get(there.job) if there is not None else None
    return asked._replace(
        environment=name,
        there=there,
        there_of=unit.tx.pipelines.get(by.pipeline) if by is not None else None,
        failed=state.last if state.last is not None and state.last != there else None,
        goes_back=meaning.intent == "rollback",
        doubts=meaning.doubts,
    )
