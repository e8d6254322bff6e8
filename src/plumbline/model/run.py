"""A pipeline run as it is kept: its record, its jobs, and the events it was made of. Times are POSIX seconds."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from plumbline.kernel import Text
from plumbline.model.job import CacheUse, FailureReason, KeptFile, State


class RunEventKind(StrEnum):
    """Subjects and predicates of the CDEvents vocabulary (continuous integration), and what it lacks."""

    RUN_QUEUED = "pipelinerun.queued"
    RUN_STARTED = "pipelinerun.started"
    RUN_FINISHED = "pipelinerun.finished"
    TASK_STARTED = "taskrun.started"
    TASK_FINISHED = "taskrun.finished"
    TASK_STATE = "taskrun.statechanged"  # every other change of state: created, skipped, manual, scheduled, ...
    TASK_LOG = "taskrun.log"  # bytes of masked output; never stored as an event, the log file has them
    TASK_SECTION = "taskrun.section"  # a section of the log began or ended
    NOTICE = "notice"  # something the user should know: no sandbox, an interrupted run was cleaned up, ...


class RunEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened in a run, in the order it happened."""

    kind: RunEventKind
    time: float
    run: int
    pipeline: int = 0  # id of the pipeline inside the run: 1 is the root, children follow
    job: str = ""  # full name
    job_id: int = 0
    stage: str = ""
    attempt: int = 0
    state: State | None = None
    reason: FailureReason | None = None
    message: Text | None = None
    exit_code: int | None = None
    duration: float | None = None  # seconds
    coverage: float | None = None
    allowed_failure: bool = False
    log: bytes = b""
    section: str = ""


class JobRecord(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One attempt at one job."""

    id: int
    name: str
    stage: str
    group: str = ""
    pipeline: int = 1
    attempt: int = 1
    state: State = State.CREATED
    allow_failure: bool = False  # its failure, if it failed, is a warning
    reason: FailureReason | None = None
    message: str = ""
    exit_code: int | None = None
    queued: float = 0.0
    started: float = 0.0
    finished: float = 0.0
    coverage: float | None = None
    timings: dict[str, float] = {}
    kept: tuple[KeptFile, ...] = ()
    caches: tuple[CacheUse, ...] = ()
    warnings: tuple[str, ...] = ()
    reported: tuple[str, ...] = ()  # what its report files say, for people
    needs: tuple[str, ...] | None = None
    pressed: bool = False  # a person played or retried it, when it was queued
    downstream: int = 0  # id of the pipeline it started, inside the same run

    @property
    def duration(self) -> float:
        return max(0.0, self.finished - self.started) if self.started else 0.0


class RunRecord(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One ``plumb run``: the root pipeline and its children."""

    id: int = 0
    project: str = ""
    name: str = ""  # workflow:name
    event: str = "push"
    ref: str = ""
    sha: str = ""
    dirty: bool = False  # uncommitted changes were part of it
    state: State = State.CREATED
    interrupted: bool = False  # its process died before the end
    created: float = 0.0
    finished: float = 0.0
    stages: tuple[str, ...] = ()
    jobs: list[JobRecord] = []
    variables: tuple[tuple[str, str], ...] = ()  # asked for on the command line; masked ones without their value

    @property
    def duration(self) -> float:
        return max(0.0, self.finished - self.created) if self.finished else 0.0
