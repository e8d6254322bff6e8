"""What a report is about, and whose word it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from plumbline.flow.pipelines.events import subject_of
from plumbline.model.reported import Origin, StoredReport

if TYPE_CHECKING:
    from plumbline.model.pipeline import Job
    from plumbline.model.server import StoredJob, StoredPipeline

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Where a report belongs. ``series``: what it follows on: the name of a job, or what it was added as."""

    project: int
    path: str  # of the project
    pipeline: int = 0
    job: int = 0
    series: str
    commit: str = ""
    ref: str = ""
    trunk: bool = False
    uid: str = ""  # of the job or pipeline in events
    environment: str = ""  # where the tests ran, as events name it
    began: int = 0
    origin: Origin = Origin.JOB
    sender: str = ""
    author: str = ""  # of the commit, as the commit says
    may_fail: bool = False  # a job that is allowed to fail left it: nobody looks at how it ended
    target: str = ""  # full name of the branch that the change is to be merged into

    def stored(self, *, kind: str, name: str, digest: str, size: int, now: int) -> StoredReport:
        """The beginning of a report about it."""
        return StoredReport(
            project=self.project, pipeline=self.pipeline, job=self.job, series=self.series, commit=self.commit,
            ref=self.ref, trunk=self.trunk, kind=kind, name=name, digest=digest, size=size, origin=self.origin,
            sender=self.sender, created=now,
        )  # fmt: skip


def of_job(pipeline: StoredPipeline, job: StoredJob, planned: Job) -> Subject:
    """Of what a job of ours left."""
    change = pipeline.change
    environment = f"{pipeline.project}/{planned.environment.name}" if planned.environment else ""
    return Subject(
        project=pipeline.project,
        path=change.project.path,
        pipeline=pipeline.id,
        job=job.id,
        series=job.name,
        commit=pipeline.sha if _COMMIT.match(pipeline.sha) else "",
        ref=change.full_ref,
        trunk=pipeline.trunk and change.merge_request is None,
        uid=subject_of(pipeline, job),
        environment=environment or job.lease_owner,
        began=job.started,
        author=change.author,
        may_fail=planned.allow_failure.allowed or bool(planned.allow_failure.exit_codes),
        target=target_of(pipeline),
    )


def of_pipeline(pipeline: StoredPipeline, series: str, origin: Origin, sender: str) -> Subject:
    """Of what somebody adds to a pipeline."""
    change = pipeline.change
    return Subject(
        project=pipeline.project,
        path=change.project.path,
        pipeline=pipeline.id,
        series=series,
        commit=pipeline.sha if _COMMIT.match(pipeline.sha) else "",
        ref=change.full_ref,
        trunk=pipeline.trunk and change.merge_request is None,
        uid=subject_of(pipeline),
        origin=origin,
        sender=sender,
        author=change.author,
        target=target_of(pipeline),
    )


def target_of(pipeline: StoredPipeline) -> str:
    """Full name of the branch that a merge request asks for; empty: it is none."""
    request = pipeline.change.merge_request
    return f"refs/heads/{request.target_branch}" if request is not None and request.target_branch else ""
