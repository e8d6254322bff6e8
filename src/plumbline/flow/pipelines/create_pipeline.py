"""Make a pipeline of a commit: plan it, store it with its jobs, and cancel what it makes redundant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from plumbline.flow.jobs.plan_pipeline import plan_pipeline
from plumbline.flow.jobs.redactor import Redactor
from plumbline.flow.pipelines.events import PipelineEvents
from plumbline.flow.pipelines.plan_cache import encode_plan, seal_variables
from plumbline.flow.pipelines.sanitize import shown
from plumbline.flow.pipelines.transitions import PipelineTransition, progress_of
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import Event
from plumbline.model.job import FINISHED, State
from plumbline.model.server import StoredJob, StoredPipeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.flow.pipelines.tools import ServedProject, Server, Wanted
    from plumbline.model.change import Change
    from plumbline.model.pipeline import Job, Plan, Variable
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.problem import Problem

_CODE_CHANGES = (Event.PUSH, Event.MERGE_REQUEST)  # only these make older pipelines of their ref redundant
_SKIPS = ("[ci skip]", "[skip ci]")


def start_pipeline(
    server: Server,
    wanted: Wanted,
    *,
    variables: tuple[Variable, ...] = (),
    inputs: dict[str, object] | None = None,
    by: int = 0,
    fetch: bool = True,
    keep_failed: bool = False,
    within: Callable[[Transaction, StoredPipeline | None], bool] = lambda _books, _made: True,
) -> StoredPipeline | None:
    """Plan the pipeline of a commit and start it; None where the rules leave no job.

    A wrong configuration raises PlumblineError ``configuration-wrong``; with ``keep_failed`` it is kept as a pipeline
    that failed, for people to find. ``within`` is called in the transaction that makes the pipeline, and may refuse it.
    Other PlumblineErrors: ``project-archived``; the repository cannot be read, the ref is unknown, the store cannot be
    written.
    """
    projects = server.projects
    served = live_project(server, wanted.project)
    if fetch:
        request = wanted.merge_request
        projects.fetch(wanted.project, merge_request=request.iid if request else 0)
        served = projects.project(wanted.project)  # the first fetch tells the default branch
    change = projects.change(wanted)
    if keep_failed and _skipped(change):
        _nothing(server, within)
        return None
    everything = (*projects.variables(wanted.project), *variables)
    plan = plan_pipeline(projects.tools(wanted.project, change, everything, inputs or {}, by=by))
    if plan.errors and not keep_failed:
        raise wrong_configuration(plan)
    if not plan.errors and not plan.jobs:
        _nothing(server, within)
        return None
    projects.keep(wanted.project, change.sha)
    with server.store.change() as tx:
        if served.auto_cancel and not plan.errors:
            cancel_redundant(server, tx, wanted.project, change)
        made = create_pipeline(server, tx, wanted.project, plan, by=by)
        if not within(tx, made):
            raise RefusedWithin
    server.wake()
    return made


def live_project(server: Server, project: int) -> ServedProject:
    """What is known of a project. PlumblineError ``project-archived`` where nothing starts there any more."""
    served = server.projects.project(project)
    if served.archived:
        raise PlumblineError(
            "project-archived",
            t("'{path}' is archived: no pipeline starts there any more.", path=served.project.path),
            t("Take it back from the archive, or remove what tells the server of changes: the webhook or the hook."),
            kind=ErrorKind.REFUSED,
        )
    return served


class RefusedWithin(Exception):  # noqa: N818
    """The caller's own condition does not hold any more; nothing was made."""


def create_pipeline(
    server: Server, tx: Transaction, project: int, plan: Plan, *, by: int = 0, upstream: int = 0, depth: int = 0
) -> StoredPipeline:
    """Store a plan with its jobs where they stand at the beginning. A plan with errors becomes a failed pipeline."""
    now, uid = server.clock(), server.new_uid()
    plan = _hidden(plan)
    progress = progress_of(plan, {})
    progress.start()
    failed = bool(plan.errors)
    pipeline = tx.pipelines.add(
        StoredPipeline(
            project=project,
            uid=uid,
            change=plan.change,
            state=State.FAILED if failed else progress.state_of_pipeline,
            name=plan.workflow.name,
            message=Redactor(plan.variables).text(str(plan.errors[0])) if failed else "",
            upstream=upstream,
            depth=depth,
            by=by,
            created=now,
            finished=now if failed else 0,
        ),
        encode_plan(plan),
        seal_variables(server.vault, plan.variables, uid),
    )
    tell = PipelineEvents(pipeline, now, server.source, server.url)
    tx.record(tell.queued())
    if failed:
        tx.record(tell.finished(pipeline))
        return pipeline
    states = progress.states()
    tx.jobs.add([_job(pipeline.id, plan, place, states, now) for place in range(len(plan.jobs))])
    return PipelineTransition(server, tx, pipeline).close()


def cancel_redundant(server: Server, tx: Transaction, project: int, change: Change) -> list[int]:
    """Cancel older pipelines of the same ref, as far as their own ``workflow:auto_cancel:on_new_commit`` says; their
    ids. (docs: ci/yaml/#workflowauto_cancelon_new_commit)"""
    if change.event not in _CODE_CHANGES or change.tag:
        return []
    canceled = []
    for pipeline in tx.pipelines.unfinished(project):
        same = pipeline.event is change.event and pipeline.ref == change.ref and not pipeline.change.tag
        if not same or pipeline.sha == change.sha or pipeline.upstream:
            continue
        course = PipelineTransition(server, tx, pipeline)
        mode = course.plan.workflow.auto_cancel.on_new_commit
        if mode == "conservative" and not any(_holds(course, job) for job in course.newest.values()):
            course.cancel()
        elif mode == "interruptible":
            for name, job in list(course.newest.items()):
                if course.jobs[name].interruptible and job.state not in FINISHED:
                    course.cancel(name)
        if course.close().version != pipeline.version:
            canceled.append(pipeline.id)
    return canceled


def wrong_configuration(plan: Plan) -> PlumblineError:
    problems = plan.errors
    first, secrecy = problems[0], Redactor(plan.variables)
    return PlumblineError(
        "configuration-wrong",
        t("the configuration is not valid: {first}", first=secrecy.text(str(first))),
        secrecy.message(first.hint) or t("`plumb lint` shows all problems."),
        kind=ErrorKind.CONFIGURATION,
    )


def _holds(course: PipelineTransition, job: StoredJob) -> bool:
    """Whether a job that must not be interrupted has begun."""
    return bool(job.started) and not course.jobs[job.name].interruptible


def _hidden(plan: Plan) -> Plan:
    """Without masked values in the names that variables were expanded in, and no longer than names are: they are
    stored, shown, and recorded."""
    secrecy = Redactor(plan.variables)

    def hide(name: str) -> str:
        return shown(secrecy.text(name))

    def told(problem: Problem) -> Problem:
        hint = secrecy.message(problem.hint)
        return replace(problem, message=secrecy.message(problem.message) or problem.message, hint=hint)

    def named(job: Job) -> Job:
        environment = job.environment
        if environment is not None:
            environment = replace(environment, name=hide(environment.name))
        group = hide(job.resource_group) if job.resource_group else job.resource_group
        return replace(job, environment=environment, resource_group=group, tags=tuple(hide(tag) for tag in job.tags))

    workflow = replace(plan.workflow, name=hide(plan.workflow.name))
    return replace(plan, workflow=workflow, jobs=tuple(map(named, plan.jobs)), problems=tuple(map(told, plan.problems)))


def _job(pipeline: int, plan: Plan, place: int, states: dict[str, State], now: int) -> StoredJob:
    job = plan.jobs[place]
    state = states[job.name]
    due = now + int((job.start_in or 0) * 1_000_000) if state is State.SCHEDULED else 0
    return StoredJob(
        pipeline=pipeline,
        name=job.name,
        stage=job.stage,
        state=state,
        tags=job.tags,
        resource_group=job.resource_group,
        queued=now if state is State.PENDING else 0,
        due=due,
        finished=now if state in FINISHED else 0,
    )


def _skipped(change: Change) -> bool:
    return any(word in change.message.lower() for word in _SKIPS)


def _nothing(server: Server, within: Callable[[Transaction, StoredPipeline | None], bool]) -> None:
    with server.store.change() as tx:
        if not within(tx, None):
            raise RefusedWithin
