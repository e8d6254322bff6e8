"""A pipeline as planned: jobs with every value read, checked and typed, before anything runs.

Durations are seconds. A pattern, a name or a value may still hold ``$variables`` where its comment says so.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from plumbline.kernel import Text
from plumbline.model.change import Change
from plumbline.model.problem import Mark, Problem


class When(StrEnum):
    """``when`` of a job; ``never`` stands only in rules."""

    ON_SUCCESS = "on_success"
    ON_FAILURE = "on_failure"
    ALWAYS = "always"
    MANUAL = "manual"
    DELAYED = "delayed"
    NEVER = "never"


class VariableSource(StrEnum):
    """Where a variable came from, lowest precedence first."""

    PREDEFINED = "predefined"
    DEPLOYMENT = "deployment"
    TOP_LEVEL = "top_level"
    WORKFLOW_RULE = "workflow_rule"
    JOB = "job"
    MATRIX = "matrix"
    JOB_RULE = "job_rule"
    DOTENV = "dotenv"
    INSTANCE = "instance"
    GROUP = "group"
    PROJECT = "project"
    PIPELINE = "pipeline"
    POLICY = "policy"


class Variable(msgspec.Struct, frozen=True):
    """A CI/CD variable. ``raw``: its value is not expanded (``expand: false``). ``file``: the job sees the path of a
    file that holds the value."""

    name: str
    value: str
    source: VariableSource = VariableSource.PREDEFINED
    raw: bool = False
    masked: bool = False
    file: bool = False
    protected: bool = False
    scope: str = "*"  # environment scope with ``*`` wildcards
    level: int = 0  # of a group's variable: how deep the group is; the deeper one is nearer to the project and wins


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """A container image; the name may hold variables."""

    name: str
    entrypoint: tuple[str, ...] | None = None
    pull_policy: tuple[str, ...] = ()  # always, if-not-present, never; tried in order
    user: str = ""
    platform: str = ""


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """A container beside the job's, reachable by its aliases."""

    name: str
    aliases: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    variables: tuple[Variable, ...] = ()
    pull_policy: tuple[str, ...] = ()
    user: str = ""
    platform: str = ""


class Access(StrEnum):
    """Who may download artifacts."""

    ALL = "all"
    DEVELOPER = "developer"
    MAINTAINER = "maintainer"
    NONE = "none"


class Report(msgspec.Struct, frozen=True):
    """A file that a tool wrote: ``kind`` is the key under ``artifacts:reports``; paths are doublestar globs."""

    kind: str
    paths: tuple[str, ...]
    format: str = ""  # coverage_report: cobertura or jacoco


class Artifacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a job. Paths are doublestar globs relative to the project and may hold variables."""

    paths: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    untracked: bool = False
    when: When = When.ON_SUCCESS
    expire_in: float | None = None  # seconds; None: the store's default; infinity: never
    name: str = ""  # may hold variables
    expose_as: str = ""
    access: Access = Access.ALL
    reports: tuple[Report, ...] = ()


class CacheKey(msgspec.Struct, frozen=True, kw_only=True):
    """``cache:key``: a text, or one made of files (their content, or the last commits that touched them)."""

    text: str = "default"  # may hold variables; unused when ``files`` are given
    files: tuple[str, ...] = ()
    by_commit: bool = False  # files_commits
    prefix: str = ""


class Cache(msgspec.Struct, frozen=True, kw_only=True):
    """Files kept from one run of a job for the next; best effort."""

    key: CacheKey = CacheKey()
    paths: tuple[str, ...] = ()
    untracked: bool = False
    unprotect: bool = False
    when: When = When.ON_SUCCESS
    policy: str = "pull-push"  # pull, push, pull-push, or a variable
    fallback_keys: tuple[str, ...] = ()


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """Where a job deploys to, or what it does there."""

    name: str
    url: str = ""  # may hold variables, dotenv ones among them
    action: str = "start"  # start, prepare, stop, verify, access
    on_stop: str = ""
    auto_stop_in: str = ""
    tier: str = ""  # production, staging, testing, development, other; never empty after planning
    kubernetes: dict[str, object] = {}


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """How often a failed job runs again, and after which failures (``when`` or ``exit_codes``)."""

    max: int = 0
    when: tuple[str, ...] = ("always",)
    exit_codes: tuple[int, ...] = ()


class AllowFailure(msgspec.Struct, frozen=True):
    """Whether a failure is a warning only: always, or for these exit codes alone."""

    allowed: bool = False
    exit_codes: tuple[int, ...] = ()

    def allows(self, exit_code: int | None) -> bool:
        """Whether a failure with this exit code is one."""
        return exit_code in self.exit_codes if self.exit_codes else self.allowed


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of ``needs``. After planning ``job`` is the full name of one job of the pipeline, unless ``pipeline``
    or ``project`` says that it is elsewhere."""

    job: str
    artifacts: bool = True
    optional: bool = False
    pipeline: str = ""
    project: str = ""
    ref: str = ""
    matrix: tuple[tuple[tuple[str, str], ...], ...] = ()  # as written, for reading; empty after planning


class Forward(msgspec.Struct, frozen=True, kw_only=True):
    """Which variables a downstream pipeline is handed."""

    yaml_variables: bool = True
    pipeline_variables: bool = False


class TriggerInclude(msgspec.Struct, frozen=True, kw_only=True):
    """One source of a child pipeline's configuration: exactly one of local, template, project+file, artifact+job."""

    local: str = ""
    template: str = ""
    remote: str = ""
    component: str = ""
    project: str = ""
    files: tuple[str, ...] = ()
    ref: str = ""
    artifact: str = ""
    job: str = ""
    inputs: dict[str, object] = {}
    integrity: str = ""  # of a remote file
    rules: list[object] | None = None  # whether it is a source at all; as written


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """A job that starts another pipeline: a child (``include``) or one of another project (``project``)."""

    project: str = ""
    branch: str = ""
    include: tuple[TriggerInclude, ...] = ()
    strategy: str = ""  # empty: succeed when created; depend, mirror
    forward: Forward = Forward()
    inputs: dict[str, object] = {}


class ReleaseLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link of a release to a file elsewhere (``release:assets:links``)."""

    name: str
    url: str
    filepath: str = ""
    link_type: str = "other"


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """``release``: made after the script succeeded. Every text may hold variables."""

    tag_name: str
    description: str
    tag_message: str = ""
    name: str = ""
    ref: str = ""
    milestones: tuple[str, ...] = ()
    released_at: str = ""
    links: tuple[ReleaseLink, ...] = ()


class AutoCancel(msgspec.Struct, frozen=True, kw_only=True):
    """When a pipeline is cancelled as redundant (``workflow:auto_cancel``)."""

    on_new_commit: str = "conservative"  # conservative, interruptible, none
    on_job_failure: str = "none"  # none, all


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One job of a plan, complete: defaults inherited, extends and rules applied, matrix fanned out."""

    name: str  # full: "test 1/3", "build: [linux, x86]"
    group: str  # the name in the file, shared by all instances of a parallel job
    where: Mark
    stage: str = "test"
    stage_index: int = 0
    before_script: tuple[str, ...] = ()
    script: tuple[str, ...] = ()
    after_script: tuple[str, ...] = ()
    variables: tuple[Variable, ...] = ()  # job, matrix and rule variables, lowest precedence first
    inherit_variables: bool | tuple[str, ...] = True
    image: Image | None = None
    services: tuple[Service, ...] = ()
    tags: tuple[str, ...] = ()
    when: When = When.ON_SUCCESS
    start_in: float | None = None
    manual_confirmation: str = ""
    allow_failure: AllowFailure = AllowFailure()
    needs: tuple[Need, ...] | None = None  # None: all jobs of all earlier stages
    dependencies: tuple[str, ...] | None = None  # jobs whose archives are wanted; None: all that come before
    artifacts: Artifacts | None = None
    caches: tuple[Cache, ...] = ()
    environment: Environment | None = None
    resource_group: str = ""
    retry: Retry = Retry()
    timeout: float | None = None
    interruptible: bool = False
    trigger: Trigger | None = None
    coverage: str = ""  # RE2, without its slashes
    release: Release | None = None
    pre_get_sources: tuple[str, ...] = ()
    node_index: int = 0  # CI_NODE_INDEX, from 1; 0: not parallel
    node_total: int = 0
    id_tokens: dict[str, tuple[str, ...]] = {}  # name -> audiences
    secrets: dict[str, object] = {}
    pages: bool = False
    run: tuple[object, ...] = ()
    inputs: dict[str, dict[str, object]] = {}  # name -> type, default and the like, as declared
    expanded: dict[str, object] = {}  # the job's YAML after include, extends, !reference and default

    @property
    def wants_container(self) -> bool:
        """Whether it is to run in a container, or beside some."""
        return self.image is not None or bool(self.services)


class RuleTrace(msgspec.Struct, frozen=True, kw_only=True):
    """One rule that was looked at: whether it matched, and the values it saw."""

    where: Mark | None
    text: str  # the rule as written, on one line
    matched: bool
    reason: Text  # which part held or did not: 'if' with values, 'changes' with the path, ...
    values: tuple[tuple[str, str | None], ...] = ()  # variable -> value, None: not defined


class JobDecision(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a job is in the pipeline, and why: every rule up to the one that decided."""

    job: str  # the name in the file
    included: bool
    reason: Text
    where: Mark | None = None  # of the deciding line
    when: When = When.ON_SUCCESS
    rules: tuple[RuleTrace, ...] = ()


class Workflow(msgspec.Struct, frozen=True, kw_only=True):
    """What ``workflow`` says of the pipeline as a whole."""

    name: str = ""
    auto_cancel: AutoCancel = AutoCancel()
    variables: tuple[Variable, ...] = ()
    decision: JobDecision | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline that may be created, or the reasons why not (``problems`` with an error, or no job)."""

    change: Change
    stages: tuple[str, ...] = ()  # only those that have a job, in order; ``stage_index`` points here
    jobs: tuple[Job, ...] = ()  # stage by stage, as in the file
    workflow: Workflow = Workflow()
    variables: tuple[Variable, ...] = ()  # of the pipeline, lowest precedence first
    left_out: tuple[Job, ...] = ()  # only where they are asked for: jobs that are not in it, as they would be
    decisions: tuple[JobDecision, ...] = ()  # one for every visible job in the file
    problems: tuple[Problem, ...] = ()
    files: tuple[str, ...] = ()  # every file that was read, in order
    expanded: dict[str, object] = {}  # the whole configuration after steps 1 to 7

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity == "error")

    def job(self, name: str) -> Job | None:
        return next((job for job in self.jobs if job.name == name), None)
