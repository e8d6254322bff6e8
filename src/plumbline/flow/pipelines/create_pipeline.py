"""Make a pipeline of what was planned: store it with its jobs, and cancel what it makes redundant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from plumbline.flow.jobs.redactor import Redactor
from plumbline.flow.pipelines.chains import origin_of, person_behind
from plumbline.flow.pipelines.configuration import is_foreign
from plumbline.flow.pipelines.events import NOBODY, PipelineEvents
from plumbline.flow.pipelines.hints import hint_here
from plumbline.flow.pipelines.occasions import NO_CONTRACT
from plumbline.flow.pipelines.plan_cache import encode_plan, seal_variables
from plumbline.flow.pipelines.prepare_pipeline import CODE_CHANGES, NoPipeline, Prepared, prepare_pipeline
from plumbline.flow.pipelines.sanitize import shown
from plumbline.flow.pipelines.transitions import PipelineTransition
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import t
from plumbline.model.job import FINISHED, State
from plumbline.model.server import StoredJob, StoredPipeline
from plumbline.pipeline import progress_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.flow.pipelines.events import Asked
    from plumbline.flow.pipelines.occasions import RepositoryContract
    from plumbline.flow.pipelines.tools import Server, Wanted
    from plumbline.model.change import Change
    from plumbline.model.pipeline import Job, Plan, Variable
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.problem import Problem


def start_pipeline(
    server: Server,
    wanted: Wanted,
    *,
    variables: tuple[Variable, ...] = (),
    by: int,
    fetch: bool = True,
    newest: bool = True,
    within: Callable[[Transaction, StoredPipeline | NoPipeline], bool] = lambda _tx, _made: True,
) -> StoredPipeline | None:
    """Start the pipeline of a commit where no person asks for it now; None where there is nothing to run.

    ``newest``: the ref still stands at the commit; else others are newer, and are not canceled for it. ``within`` is
    called in the transaction that makes the pipeline, and may refuse it (``RefusedWithin``). Other errors as
    :func:`prepare_pipeline`.
    """
    prepared = prepare_pipeline(server, wanted, variables=variables, by=by, fetch=fetch)
    if isinstance(prepared, Prepared) and not newest:
        prepared = prepared._replace(auto_cancel=False)
    with server.store.change() as tx:
        made = store_prepared(server, tx, prepared) if isinstance(prepared, Prepared) else prepared
        if not within(tx, made):
            raise RefusedWithin
    if isinstance(made, NoPipeline):
        return None
    server.wake()
    return made


def store_prepared(server: Server, tx: Transaction, prepared: Prepared) -> StoredPipeline:
    """Make the pipeline, and cancel those that it makes redundant."""
    if prepared.auto_cancel:
        cancel_redundant(server, tx, prepared.project, prepared.plan.change)
    asked = NOBODY._replace(schedule=prepared.schedule, cause=prepared.cause)
    return create_pipeline(
        server, tx, prepared.project, prepared.plan, by=prepared.by, asked=asked, contract=prepared.contract
    )


class RefusedWithin(Exception):  # noqa: N818
    """The caller's own condition does not hold any more; nothing was made."""


def create_pipeline(
    server: Server,
    tx: Transaction,
    project: int,
    plan: Plan,
    *,
    by: int,
    upstream: int = 0,
    depth: int = 0,
    asked: Asked = NOBODY,
    contract: RepositoryContract = NO_CONTRACT,
) -> StoredPipeline:
    """Store a plan with its jobs where they stand at the beginning. A plan with errors becomes a failed pipeline.
    ``contract``: the file of the commit that says what is due, as it was read before the transaction."""
    now, uid = server.clock(), server.new_uid()
    plan = _hidden(_at_its_path(tx, project, plan))
    progress = progress_of(plan)
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
            schedule=asked.schedule,
            created=now,
            finished=now if failed else 0,
        ),
        encode_plan(plan),
        seal_variables(server.vault, plan.variables, uid),
    )
    tell = PipelineEvents(pipeline, now, server.source, server.url, origin_of(tx, server.source, pipeline))
    person = asked.person or person_behind(tx, pipeline)
    server.occasions.pipeline_made(tx, pipeline, contract)
    tx.record(tell.queued(asked._replace(person=person), _templates(plan)))
    if failed:
        tx.record(tell.finished(pipeline))
        server.occasions.pipeline_ended(tx, pipeline)
        return pipeline
    states = progress.states()
    tx.jobs.add([_job(pipeline.id, plan, place, states, now) for place in range(len(plan.jobs))])
    transition = PipelineTransition(server, tx, pipeline)
    for job in transition.newest.values():
        transition.tell_queued(job)
    return transition.close()


def _at_its_path(tx: Transaction, project: int, plan: Plan) -> Plan:
    """What the project is called now: it may have been moved, or deleted, while the plan was made."""
    node = tx.tree.get(project)
    if node is None:
        raise not_found(t("There is no node {node}.", node=project))
    if node.path == plan.change.project.path:
        return plan
    return replace(plan, change=replace(plan.change, project=replace(plan.change.project, path=node.path)))


def _templates(plan: Plan) -> tuple[str, ...]:
    """Files of the configuration that are not of the pipeline's own repository: templates, components, files of other
    projects, files from the network."""
    secrecy = Redactor(plan.variables)
    foreign = (name for name in plan.files if is_foreign(name))
    return tuple(dict.fromkeys(shown(secrecy.text(name)) for name in foreign))


def cancel_redundant(server: Server, tx: Transaction, project: int, change: Change) -> list[int]:
    """Cancel older pipelines of the same branch, or of the same merge request, as far as their own
    ``workflow:auto_cancel:on_new_commit`` says; their ids. (docs: ci/yaml/#workflowauto_cancelon_new_commit)"""
    if change.event not in CODE_CHANGES or change.tag:
        return []
    canceled = []
    for pipeline in tx.pipelines.unfinished(project):
        if not _same_line(pipeline.change, change) or pipeline.sha == change.sha or pipeline.upstream:
            continue
        transition = PipelineTransition(server, tx, pipeline)
        mode = transition.plan.workflow.auto_cancel.on_new_commit
        if mode == "conservative" and not any(_holds(transition, job) for job in transition.newest.values()):
            transition.cancel()
        elif mode == "interruptible":
            for name, job in list(transition.newest.items()):
                if transition.jobs[name].interruptible and job.state not in FINISHED:
                    transition.cancel(name)
        if transition.close().version != pipeline.version:
            canceled.append(pipeline.id)
    return canceled


def _same_line(older: Change, newer: Change) -> bool:
    """Two merge requests may be of one branch, to different targets, or of branches of one name in two repositories."""
    if older.event is not newer.event or older.tag:
        return False
    if older.merge_request and newer.merge_request:
        return older.merge_request.iid == newer.merge_request.iid
    return older.ref == newer.ref


def _holds(transition: PipelineTransition, job: StoredJob) -> bool:
    """Whether a job that must not be interrupted has begun."""
    return bool(job.started) and not transition.jobs[job.name].interruptible


def _hidden(plan: Plan) -> Plan:
    """Without masked values in the names that variables were expanded in, and no longer than names are: they are
    stored, shown, and recorded; with hints for those who see it here."""
    secrecy = Redactor(plan.variables)

    def hide(name: str) -> str:
        return shown(secrecy.text(name))

    def told(problem: Problem) -> Problem:
        hint = secrecy.message(hint_here(problem.code, problem.hint))
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
        queued=now if state in (State.PENDING, State.SCHEDULED) else 0,
        due=due,
        finished=now if state in FINISHED else 0,
    )
