"""What the server keeps of repositories, pipelines, jobs and what starts them. Times are microseconds since the epoch;
0 stands for "not yet"."""

from __future__ import annotations

import msgspec

from plumbline.model.job import State


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """The repository of a project. ``(kind, url)`` is unique."""

    project: int  # its node in the tree
    kind: str  # git, gitlab, github, gitea
    url: str  # or the path of a repository on this machine
    external: str = ""  # what the forge calls it: "group/project"
    default_branch: str = ""
    config_path: str = ""  # empty: .gitlab-ci.yml
    secret: bytes = b""  # of its webhook, sealed
    poll: int = 0  # microseconds between two looks at it; 0: it is not polled
    polled: int = 0
    heads: dict[str, str] = {}  # ref -> commit as last seen


class StoredPipeline(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline on the server. ``iid`` counts from 1 in its project."""

    id: int = 0  # 0 while it is not stored
    project: int
    iid: int = 0
    name: str = ""
    event: str  # a member of Event
    ref: str = ""
    sha: str = ""
    state: State = State.CREATED
    message: str = ""  # why it could not be made
    change: bytes = b""  # JSON of the Change it was made for
    plan: bytes = b""  # JSON of its Plan
    upstream: int = 0  # the pipeline that started it
    by: int = 0  # the person who asked for it; 0: nobody, an event did
    created: int = 0
    started: int = 0
    finished: int = 0
    version: int = 0  # grows with every change of it


class StoredJob(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at one job. ``fence`` grows with every claim: who holds an older one may not write any more."""

    id: int = 0
    pipeline: int
    name: str
    stage: str
    attempt: int = 1
    state: State = State.CREATED
    reason: str = ""
    allow_failure: bool = False
    tags: tuple[str, ...] = ()
    queued: int = 0
    started: int = 0
    finished: int = 0
    runner: int = 0  # 0: the embedded one
    lease_owner: str = ""
    lease_until: int = 0
    fence: int = 0
    record: bytes = b""  # JSON of its JobRecord


class LogSegment(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a job's log that is on disk for good: where it begins, in bytes and in lines."""

    job: int
    number: int  # 0, 1, 2, ...
    offset: int
    length: int
    first_line: int
    lines: int
    digest: bytes = b""  # SHA-256


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline that the clock starts."""

    id: int = 0
    project: int
    title: str = ""
    cron: str
    time_zone: str = ""  # IANA name; empty: UTC
    ref: str = ""  # empty: the default branch
    variables: bytes = b""  # sealed JSON
    active: bool = True
    owner: int = 0  # the person in whose name it runs
    next: int = 0
    last: int = 0


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook call, by what its forge calls it."""

    forge: str
    id: str
    project: int = 0
    received: int = 0
    outcome: str = ""


class Runner(msgspec.Struct, frozen=True, kw_only=True):
    """Who may ask for jobs. ``digest`` is the SHA-256 of its secret."""

    id: int = 0
    name: str
    digest: bytes
    tags: tuple[str, ...] = ()
    run_untagged: bool = True
    active: bool = True
    node: int = 0  # it takes jobs of projects below; 0: of all
    version: str = ""
    address: str = ""
    created: int = 0
    seen: int = 0
