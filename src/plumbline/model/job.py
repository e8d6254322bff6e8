"""A job while it lives: its states, what it is ordered to do, and how it ended."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from plumbline.kernel import Text
from plumbline.model.pipeline import Artifacts, Cache, Image, Service, Variable, When
from plumbline.model.report import FoundReport

__all__ = [
    "FINISHED",
    "PLAYABLE",
    "RETRIED_WITH_PIPELINE",
    "RETRYABLE",
    "FailureReason",
    "JobOrder",
    "JobResult",
    "JobState",
    "ScriptStep",
    "State",
    "When",
    "may_become",
]


class State(StrEnum):
    """The states of a job, a stage and a pipeline; GitLab's words."""

    CREATED = "created"
    WAITING_FOR_RESOURCE = "waiting_for_resource"
    PREPARING = "preparing"
    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELING = "canceling"
    CANCELED = "canceled"
    SKIPPED = "skipped"
    MANUAL = "manual"
    SCHEDULED = "scheduled"


JobState = State
FINISHED = frozenset({State.SUCCESS, State.FAILED, State.CANCELED, State.SKIPPED})
PLAYABLE = frozenset({State.MANUAL, State.SCHEDULED})
RETRYABLE = frozenset({State.SUCCESS, State.FAILED, State.CANCELED})
RETRIED_WITH_PIPELINE = frozenset({State.FAILED, State.CANCELED})  # by a retry of the whole pipeline

_LEGAL: dict[State, frozenset[State]] = {
    State.CREATED: frozenset(set(State) - {State.CREATED, State.RUNNING, State.CANCELING}),
    State.WAITING_FOR_RESOURCE: frozenset({State.PREPARING, State.PENDING, State.CANCELED, State.FAILED}),
    State.PREPARING: frozenset({State.PENDING, State.CANCELED, State.FAILED}),
    State.PENDING: frozenset({State.RUNNING, State.FAILED, State.CANCELED, State.SUCCESS}),
    State.RUNNING: frozenset({State.SUCCESS, State.FAILED, State.CANCELING, State.CANCELED}),
    State.CANCELING: frozenset({State.CANCELED, State.FAILED}),
    State.MANUAL: frozenset(set(State) - {State.MANUAL, State.RUNNING, State.SUCCESS, State.FAILED, State.CANCELING}),
    State.SCHEDULED: frozenset(set(State) - {State.SCHEDULED, State.RUNNING, State.SUCCESS, State.CANCELING}),
    State.SKIPPED: frozenset({State.CREATED, State.PENDING}),
    State.SUCCESS: frozenset({State.PENDING, State.CREATED}),
    State.FAILED: frozenset({State.PENDING, State.CREATED}),
    State.CANCELED: frozenset({State.PENDING, State.CREATED}),
}


def may_become(now: State, then: State) -> bool:
    """Whether a job in state ``now`` may go to ``then``. A finished job only leaves its state by being retried."""
    return then in _LEGAL[now]


class FailureReason(StrEnum):
    """Why a job failed: GitLab's words, which ``retry:when`` names too."""

    UNKNOWN = "unknown_failure"
    SCRIPT = "script_failure"
    API = "api_failure"
    STUCK = "stuck_or_timeout_failure"
    RUNNER_SYSTEM = "runner_system_failure"
    RUNNER_UNSUPPORTED = "runner_unsupported"
    TIMEOUT = "job_execution_timeout"
    STALE_SCHEDULE = "stale_schedule"
    ARCHIVED = "archived_failure"
    UNMET_PREREQUISITES = "unmet_prerequisites"
    SCHEDULER = "scheduler_failure"
    DATA_INTEGRITY = "data_integrity_failure"
    IMAGE_PULL = "image_pull_failure"
    MISSING_DEPENDENCY = "missing_dependency_failure"
    DOWNSTREAM = "downstream_pipeline_creation_failed"


class ScriptStep(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that one shell runs. ``name``: ``script``, ``after_script``, ``release``, ``pre_get_sources_script``."""

    name: str
    lines: tuple[str, ...]
    timeout: float | None = None  # seconds; None: the job's own
    always: bool = False  # runs although an earlier step failed
    allow_failure: bool = False


class JobOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at one job, complete: what any executor needs and all it needs.

    Its shape follows the job payload of the GitLab Runner API, so that the embedded executor and a fleet of runners
    are handed the same thing. Later variables of a name win; values are not yet expanded.
    """

    id: int  # unique in the run store
    name: str
    stage: str
    attempt: int = 1
    pipeline_id: int = 0
    variables: tuple[Variable, ...] = ()
    steps: tuple[ScriptStep, ...] = ()
    timeout: float = 3600.0  # seconds for the whole job
    image: Image | None = None
    services: tuple[Service, ...] = ()
    artifacts: Artifacts | None = None
    caches: tuple[Cache, ...] = ()
    dependencies: tuple[int, ...] = ()  # ids of the jobs whose archives are unpacked first, in this order
    tags: tuple[str, ...] = ()
    coverage: str = ""  # RE2, without its slashes
    interruptible: bool = False
    notices: tuple[Text, ...] = ()  # what the reader of the log should know before anything runs


class KeptFile(msgspec.Struct, frozen=True, kw_only=True):
    """An archive or report that a job left: its name in the store, its size in bytes, its SHA-256."""

    kind: str  # "archive" or the key under artifacts:reports
    name: str
    files: int
    size: int
    digest: str = ""


class CacheUse(msgspec.Struct, frozen=True, kw_only=True):
    """What a cache was worth in one job."""

    key: str  # the key that was asked for
    hit: str = ""  # the key that was found; empty: none
    files: int = 0
    size: int = 0  # bytes
    seconds: float = 0.0  # spent on restoring or saving
    action: str = "restore"  # restore, save, unchanged
    message: Text | None = None  # why it could not be used


class JobResult(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt ended. Times are seconds; ``started`` and ``finished`` are POSIX time stamps."""

    state: State  # SUCCESS, FAILED or CANCELED
    exit_code: int | None = None
    reason: FailureReason | None = None
    message: Text | None = None  # for people: why it failed
    started: float = 0.0
    finished: float = 0.0
    coverage: float | None = None  # percent
    dotenv: tuple[Variable, ...] = ()
    kept: tuple[KeptFile, ...] = ()
    caches: tuple[CacheUse, ...] = ()
    warnings: tuple[Text, ...] = ()  # a cache that could not be read, a report that is missing, ...
    timings: dict[str, float] = {}  # seconds by section: workspace, restore_cache, script, ...
    found: tuple[FoundReport, ...] = ()  # files that look like reports, and that no artifacts:reports names
