"""What a runner asks for: jobs to run, their orders, more time, and to be told how they ended."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from plumbline.flow.jobs.downstream import downstream_plan, not_created
from plumbline.flow.jobs.order_job import order_job
from plumbline.flow.jobs.pipeline_run import PipelineRun
from plumbline.flow.pipelines.create_pipeline import create_pipeline
from plumbline.flow.pipelines.hints import hints_here
from plumbline.flow.pipelines.needs_of_others import StoredOthers
from plumbline.flow.pipelines.occasions import read_contract_of
from plumbline.flow.pipelines.plan_cache import opened
from plumbline.flow.pipelines.transitions import HELD, PipelineTransition, settle
from plumbline.kernel import PlumblineError
from plumbline.model.job import JobResult, State
from plumbline.model.reported import NO_REPORTS, ReadReports
from plumbline.model.run import JobRecord
from plumbline.pipeline import give_inputs, may_take, waits_for_downstream

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from plumbline.flow.jobs.tools import JobEnvironment, PipelineTools
    from plumbline.flow.pipelines.lineage import Descent
    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.job import JobOrder
    from plumbline.model.pipeline import Job
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredJob, StoredPipeline

_LOOKED_AT = 100  # waiting jobs beyond those asked for


class Claim(NamedTuple):
    """A job that somebody may run now, until its lease ends."""

    pipeline: StoredPipeline
    job: StoredJob
    planned: Job


class Ended(NamedTuple):
    """An attempt that ended, and what its report files say."""

    job: StoredJob
    result: JobResult
    reports: ReadReports = NO_REPORTS


class _Claiming(Protocol):
    def __call__(self, tx: Transaction, count: int) -> tuple[list[Claim], set[Descent]]: ...


def claim_jobs(
    server: Server,
    owner: str,
    count: int,
    lease: int,
    accepts: Callable[[StoredJob], bool] = lambda _job: True,
) -> list[Claim]:
    """At most so many waiting jobs, those queued longest first; they are running from now on. ``lease``: microseconds.

    A job whose resource group is taken waits for it.
    """
    with server.store.view() as tx:
        if not tx.jobs.waiting(1):
            return []
    return _claim(server, partial(claim_within, server, owner=owner, lease=lease, accepts=accepts), count)


def next_jobs(
    server: Server,
    owner: str,
    ended: Sequence[Ended],
    count: int,
    lease: int,
    accepts: Callable[[StoredJob], bool],
) -> list[Claim]:
    """Tell how jobs of this owner ended, as :func:`finish_job` does, and claim others in the same transaction."""
    if not ended:
        return claim_jobs(server, owner, count, lease, accepts) if count else []
    claim = partial(claim_within, server, owner=owner, lease=lease, accepts=accepts)
    with server.store.change() as tx:
        for job, result, reports in ended:
            finish_within(server, tx, job.id, owner, job.fence, result, reports)
        claims, doubts = claim(tx, count) if count else ([], set())
    return [*claims, *_claim_doubtful(server, claim, count - len(claims), doubts)]


def _claim(server: Server, claim: _Claiming, count: int) -> list[Claim]:
    with server.store.change() as tx:
        claims, doubts = claim(tx, count)
    return [*claims, *_claim_doubtful(server, claim, count - len(claims), doubts)]


def _claim_doubtful(server: Server, claim: _Claiming, count: int, doubts: set[Descent]) -> list[Claim]:
    """Ask git what was not known, outside the transaction, and claim what waited for it."""
    if not doubts or not count:
        return []
    for descent in doubts:
        server.lineage.learn(descent, server.projects.contains)
    with server.store.change() as tx:
        return claim(tx, count)[0]


def claim_within(
    server: Server,
    tx: Transaction,
    count: int,
    *,
    owner: str,
    lease: int,
    accepts: Callable[[StoredJob], bool],
) -> tuple[list[Claim], set[Descent]]:
    """What was claimed, and what git has to be asked before others can be."""
    transitions: dict[int, PipelineTransition] = {}
    claims: list[Claim] = []
    doubts: set[Descent] = set()
    for job in tx.jobs.waiting(count + _LOOKED_AT):
        if len(claims) == count:
            break
        if not accepts(job):
            continue
        transition = transitions.get(job.pipeline)
        if transition is None:
            pipeline = tx.pipelines.get(job.pipeline)
            assert pipeline is not None
            transition = transitions[job.pipeline] = PipelineTransition(server, tx, pipeline)
        if transition.newest[job.name].id != job.id:
            continue
        if unknown := transition.doubts(job):
            doubts.update(unknown)
            continue
        if job.resource_group and not _take_resource(tx, transition.pipeline.project, job):
            transition.waits_for_resource(job)
            continue
        now = server.clock()
        taken = msgspec.structs.replace(
            job, state=State.RUNNING, started=now, lease_owner=owner, lease_until=now + lease, fence=job.fence + 1
        )
        if transition.started(job, taken):
            planned = transition.jobs[job.name]
            planned = give_inputs(planned, taken.inputs) if taken.inputs else planned
            claims.append(Claim(transition.pipeline, taken, planned))
    for transition in transitions.values():
        transition.close()
    return claims, doubts


def finish_job(
    server: Server, job: int, owner: str, fence: int, result: JobResult, reports: ReadReports = NO_REPORTS
) -> bool:
    """Tell how an attempt ended, with what its reports say. False where the lease was lost: nothing happens, the
    attempt has ended already."""
    with server.store.change() as tx:
        done = finish_within(server, tx, job, owner, fence, result, reports)
    server.wake()
    return done


def finish_within(
    server: Server,
    tx: Transaction,
    job: int,
    owner: str,
    fence: int,
    result: JobResult,
    reports: ReadReports = NO_REPORTS,
) -> bool:
    held = _held(tx, job, owner, fence)
    if held is None:
        return False
    transition = PipelineTransition(server, tx, held[0])
    after = transition.end(held[1], result)
    if reports.files:
        told = msgspec.structs.replace(after, lease_owner=owner)
        server.take_reports(tx, held[0], told, transition.jobs[after.name], reports)
    transition.close()
    return True


def renew_leases(server: Server, owner: str, jobs: Collection[int], lease: int) -> None:
    """More time for these jobs, as far as they are still this owner's."""
    with server.store.change() as tx:
        tx.jobs.renew(owner, jobs, server.clock() + lease)


def held_jobs(server: Server, owner: str) -> dict[int, StoredJob]:
    """What this owner runs as the store sees it; a job that is canceling is to be stopped, one that is not here any
    more is somebody else's."""
    with server.store.view() as tx:
        return {job.id: job for job in tx.jobs.leased() if job.lease_owner == owner}


def order_claimed(server: Server, claim: Claim, equipment: JobEnvironment, tools: PipelineTools) -> JobOrder:
    """The complete order for an attempt. PlumblineErrors as :func:`order_job`."""
    run = rebuild(server, claim.pipeline, equipment, tools)
    run.elsewhere = StoredOthers(server, claim.pipeline, claim.job.by or claim.pipeline.by)
    run.given = server.job_variables(claim.job)
    return order_job(run, claim.planned, run.records[claim.job.name], now=claim.job.started / 1_000_000)


def start_downstream(server: Server, claim: Claim, equipment: JobEnvironment, tools: PipelineTools) -> None:
    """Run a trigger job: make the pipeline it asks for, on behalf of who played the job or started its pipeline.
    Whatever is wrong with that one fails the job."""
    job, planned, by = claim.job, claim.planned, claim.job.by or claim.pipeline.by
    try:
        seen = server.projects.tools(claim.pipeline.project, claim.pipeline.change, (), {}, by=by)
        tools = replace(tools, repository=seen.repository, downstream=seen.downstream)
        with hints_here():
            plan, _ = downstream_plan(rebuild(server, claim.pipeline, equipment, tools), planned)
        project = plan.change.project.id
        server.projects.keep(project, plan.change.sha)
        contract = read_contract_of(server.projects, plan.change)
    except PlumblineError as error:
        finish_job(server, job.id, job.lease_owner, job.fence, not_created(error))
        return
    with server.store.change() as tx:
        held = _held(tx, job.id, job.lease_owner, job.fence)
        if held is None:
            return
        depth = claim.pipeline.depth + 1
        child = create_pipeline(server, tx, project, plan, by=by, upstream=job.id, depth=depth, contract=contract)
        transition = PipelineTransition(server, tx, held[0])
        if waits_for_downstream(planned) and held[1].state is State.RUNNING:
            transition.lend(held[1])
        else:
            transition.end(held[1], JobResult(state=State.SUCCESS))
        transition.close()
        if child.finished:
            settle(server, tx, child)
    server.wake()


def rebuild(server: Server, pipeline: StoredPipeline, equipment: JobEnvironment, tools: PipelineTools) -> PipelineRun:
    """A stored pipeline as it stands, with its secrets, for ordering jobs."""
    with server.store.view() as tx:
        plan = server.plans.get(tx, pipeline.id)
        sealed = tx.pipelines.plan(pipeline.id)[1]
        jobs = tx.jobs.of(pipeline.id)
        gone = {kept.job for kept in tx.keeping.of(pipeline.id) if kept.gone}
    plan = opened(server.vault, plan, sealed, pipeline.uid, server.projects.variables(pipeline.project))
    run = PipelineRun(pipeline.iid, 0, plan, tools, equipment, depth=pipeline.depth)
    run.number, run.iid, run.home = pipeline.id, pipeline.iid, server.url.rstrip("/")
    for job in jobs:
        record = JobRecord(id=job.id, name=job.name, stage=job.stage, attempt=job.attempt, state=job.state)
        run.add_record(record)
        if (job.result is not None and job.state is State.SUCCESS) or (job.result and job.result.kept):
            run.note_result(run.jobs[job.name], record, job.result, gone=job.id in gone)
    return run


def _held(tx: Transaction, job: int, owner: str, fence: int) -> tuple[StoredPipeline, StoredJob] | None:
    """The job with its pipeline, if it is still this owner's."""
    stored = tx.jobs.get(job)
    if stored is None or stored.state not in HELD or (stored.lease_owner, stored.fence) != (owner, fence):
        return None
    pipeline = tx.pipelines.get(stored.pipeline)
    assert pipeline is not None
    return pipeline, stored


def _take_resource(tx: Transaction, project: int, job: StoredJob) -> bool:
    """Take the resource group of a job if it is free and this job's turn."""
    resource = tx.resources.get(project, job.resource_group)
    if not may_take(resource.mode, resource.job, job, lambda: tx.jobs.in_group(project, job.resource_group)):
        return False
    return tx.resources.take(project, job.resource_group, job.id)
