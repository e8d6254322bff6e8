"""What is known of a build from the server's own records, for what is said of its artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from plumbline.flow.pipelines.plan_cache import decode_plan
from plumbline.model.artifact import Kind
from plumbline.model.job import State
from plumbline.model.report import CaseOutcome
from plumbline.model.reported import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.artifact import Artifact
    from plumbline.model.pipeline import Job, Plan
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.reported import StoredReport, TestRunKept
    from plumbline.model.server import StoredJob, StoredPipeline

ARCHIVE = "archive"  # kind of a kept file
_MOST_FAILED = 200  # cases that are named


class Made(NamedTuple):
    """An artifact of a build. ``repository``: id of the one that it is in; 0: it is what a job left, and in none."""

    digest: str
    name: str
    media_type: str
    size: int
    repository: int = 0


class Build(NamedTuple):
    """One attempt at a job that has ended. ``used``: jobs of the same pipeline whose archives it may have unpacked;
    ``source``: address of the repository, without a login."""

    pipeline: StoredPipeline
    job: StoredJob
    planned: Job
    plan: Plan
    used: Sequence[StoredJob]
    source: str
    path: str  # of the project, now
    sealed: bytes  # what whoever started the pipeline gave it
    made: Sequence[Made]


class Tested(NamedTuple):
    """How the tests of a pipeline ended: the newest attempt at each job."""

    runs: Sequence[tuple[StoredReport, TestRunKept, bool]]  # the last: the job may fail
    failed: Sequence[str]


def build_of(tx: Transaction, job: StoredJob, pipeline: StoredPipeline) -> Build | None:
    """None where it made nothing of which anything is to be said: not a success, or no artifact."""
    ancestors = tx.tree.ancestors(pipeline.project)
    if not ancestors or job.state is not State.SUCCESS:
        return None
    pushed = [
        Made(one.digest, one.name or one.repository, one.media_type or "application/octet-stream", one.size, repository)
        for repository, one in _pushed(tx, job)
    ]
    left = left_by(job, ancestors[0].path)
    if not pushed and not left:
        return None
    plan_bytes, sealed = tx.pipelines.plan(pipeline.id)
    plan = decode_plan(plan_bytes)
    planned = plan.job(job.name)
    made = [*pushed, *(left if planned is not None and is_release(pipeline, planned) else [])]
    if planned is None or not made:
        return None
    binding = tx.bindings.get(pipeline.project)
    return Build(
        pipeline=pipeline,
        job=job,
        planned=planned,
        plan=plan,
        used=_used(tx, pipeline, planned),
        source=without_login(binding.url) if binding is not None else "",
        path=ancestors[0].path,
        sealed=sealed,
        made=made,
    )


def is_release(pipeline: StoredPipeline, planned: Job) -> bool:
    """Whether what the job leaves is released: that of a tag, or of a job that deploys to production."""
    environment = planned.environment
    return bool(pipeline.change.tag) or (environment is not None and environment.tier == "production")


def left_by(job: StoredJob, path: str) -> list[Made]:
    """Its archive; reports are not built to be used."""
    kept = job.result.kept if job.result is not None else ()
    return [
        Made(one.digest, f"{path}/{job.name}/{one.name}", "application/zip", one.size)
        for one in kept
        if one.kind == ARCHIVE and one.digest.startswith("sha256:")
    ]


def _pushed(tx: Transaction, job: StoredJob) -> list[tuple[int, Artifact]]:
    """What it put into repositories, without what is only about something else."""
    found = [
        (repository, one)
        for one in tx.artifacts.of_job(job.id)
        if one.kind is not Kind.JOB and not one.subject and one.digest.startswith("sha256:")
        for repository in _repositories(tx, one)
    ]
    return list({(repository, one.digest): (repository, one) for repository, one in found}.values())


def _repositories(tx: Transaction, artifact: Artifact) -> list[int]:
    return [repository for repository, one in tx.artifacts.of_digest(artifact.digest) if one.id == artifact.id]


def _used(tx: Transaction, pipeline: StoredPipeline, planned: Job) -> list[StoredJob]:
    """The newest attempts that left an archive, of the jobs that its configuration names; of all before it where it
    names none."""
    newest = {one.name: one for one in tx.jobs.of(pipeline.id)}
    names: list[str] = []
    if planned.dependencies is not None:
        names = list(planned.dependencies)
    elif planned.needs is not None:
        names = [need.job for need in planned.needs if need.artifacts and not need.pipeline and not need.project]
    else:
        stage = {one.stage for one in newest.values() if one.name == planned.name}
        names = [name for name, one in newest.items() if one.stage not in stage]
    found = [newest[name] for name in names if name in newest]
    return [one for one in found if one.result is not None and any(file.kind == ARCHIVE for file in one.result.kept)]


def without_login(url: str) -> str:
    """An address of a repository without what one logs in with."""
    try:
        parts = urlsplit(url)
        if not parts.scheme or not parts.hostname:
            return url
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def tested_in(tx: Transaction, pipeline: StoredPipeline) -> Tested | None:
    """None where no test ran, or where a report of tests could not be read: then nobody knows how they ended."""
    newest = {one.name: one for one in tx.jobs.of(pipeline.id)}
    jobs = {one.id: one for one in newest.values()}
    reports = {
        one.id: one
        for one in tx.reports.of_pipelines([pipeline.id])
        if one.origin is Origin.JOB and one.job in jobs and (one.holds == "tests" or one.kind == "junit")
    }
    if any(one.problem or one.flagged for one in reports.values()):
        return None
    runs = [run for run in tx.tests.runs(list(reports)) if run.executed > 0]
    if not runs:
        return None
    failed = [name for run in runs for name in _failed(tx, run)]
    return Tested(
        [(reports[run.report], run, jobs[run.job].allow_failure) for run in sorted(runs, key=lambda run: run.report)],
        sorted(set(failed))[:_MOST_FAILED],
    )


def _failed(tx: Transaction, run: TestRunKept) -> list[str]:
    bad = (CaseOutcome.FAILED, CaseOutcome.ERROR)
    cases = [case for case, result in tx.tests.results(run.report).items() if result.outcome in bad]
    return [one.title for one in tx.tests.names(cases).values()]
