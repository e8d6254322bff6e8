"""What a flow is handed: the adapters behind their ports, and what the user asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import msgspec

from plumbline.flow.jobs.job_log import FileLog
from plumbline.kernel import Text
from plumbline.model.change import Change
from plumbline.model.job import JobOrder, JobResult
from plumbline.model.pipeline import Variable
from plumbline.model.ports.jobs import ArtifactStore, Cancellation, Executor, Repository, RunStore
from plumbline.model.reported import NO_REPORTS, ReadReports

JOB_IDS_PER_RUN = 100_000  # job ids are run id * this + a count, unique in the run store


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the user asked of this pipeline, beside the repository itself."""

    config_path: str = ".gitlab-ci.yml"
    variables: tuple[Variable, ...] = ()  # instance, group, project and pipeline variables
    inputs: dict[str, object] = {}
    jobs: int = 2  # how many run at the same time
    dirty: bool = False  # uncommitted changes are part of the run
    default_timeout: float = 3600.0  # seconds, for a job without one
    shell: bool = False  # jobs with an image run in the shell all the same


class ReadJobReports(Protocol):
    """What the report files say that a job left; called in the thread that ran it, after its end."""

    def __call__(self, order: JobOrder, result: JobResult, log: FileLog, /) -> ReadReports: ...


def nothing_read(_order: JobOrder, _result: JobResult, _log: FileLog, /) -> ReadReports:
    return NO_REPORTS


class CancelHandle(Cancellation, Protocol):
    """A cancellation that can be raised; ``close`` frees it once its job has ended."""

    def cancel(self, level: int) -> None: ...

    def close(self) -> None: ...


class Locks(Protocol):
    """Locks that hold across runs of one project on this machine; for resource groups."""

    def acquire(self, name: str) -> Callable[[], None] | None:
        """Take a lock without waiting: the function that releases it, or None while someone else has it."""
        ...


@dataclass(frozen=True, slots=True)
class JobEnvironment:
    """What the jobs of one run of one project are run with. ``close`` removes what the run needed only while it ran."""

    executor: Executor
    artifacts: ArtifactStore
    close: Callable[[], None]
    notices: tuple[Text, ...] = ()  # what a person should know about how the jobs run


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineTools:
    """What a pipeline of one project at one change is planned and ordered with, wherever it runs."""

    repository: Repository
    change: Change
    asked: Asked
    clock: Callable[[], float]
    downstream: Callable[[str, str], PipelineTools]  # another project's tools, by its path and branch
    job_environment: Callable[[int], JobEnvironment]  # for the run of this id


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools(PipelineTools):
    """Everything a local run may touch, for one project at one change. Built by ``wiring`` alone."""

    runs: RunStore
    locks: Locks
    new_cancellation: Callable[[], CancelHandle]
    require_containers: Callable[[], None]  # PlumblineError where no container engine answers
    notices: tuple[Text, ...] = ()  # what a person should know of the settings before anything is planned
    read_reports: ReadJobReports = nothing_read
