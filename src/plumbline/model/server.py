"""What the server keeps of pipelines, and of what starts them. Times are microseconds since the epoch; 0: not yet."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec

from plumbline.model.change import Change, Event, MergeRequest
from plumbline.model.forge_news import News
from plumbline.model.job import FINISHED, FailureReason, JobResult, State

LONGEST_REF = 1000  # bytes of the name of a branch or a tag; what is longer stands in no index of PostgreSQL
MAX_INTERRUPTIONS = 2  # an attempt that ended with its process is followed by another, so often


class Pressed(StrEnum):
    """What a person did so that a job runs."""

    NOTHING = ""
    PLAY = "play"
    RETRY = "retry"


class StoredPipeline(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline of a project, without its plan."""

    id: int = 0  # from 1; 0 in a pipeline not stored yet
    project: int  # node of the tree
    iid: int = 0  # inside the project, from 1
    uid: str  # by which events name it
    change: Change
    state: State = State.CREATED
    name: str = ""  # workflow:name
    message: str = ""  # why it could not be made, or what it waits for
    upstream: int = 0  # id of the trigger job that started it: of the attempt that waits for it
    depth: int = 0  # of child pipelines
    by: int = 0  # the person on whose behalf it runs; 0: nobody whom the server knows
    schedule: int = 0  # that asked for it; 0: none did
    canceled_by: int = 0  # the person, as long as it is canceled; 0: nobody, or it is not
    created: int = 0
    started: int = 0
    finished: int = 0
    version: int = 0  # one more with every change
    forgiven: bool = False  # when it was read as passed: a job of it had failed that was allowed to

    @property
    def warned(self) -> bool:
        """Passed with warnings."""
        return self.forgiven and self.state is State.SUCCESS

    @property
    def event(self) -> Event:
        return self.change.event

    @property
    def ref(self) -> str:
        return self.change.ref

    @property
    def trunk(self) -> bool:
        """Of the default branch, as the project had it then."""
        return self.change.full_ref == f"refs/heads/{self.change.project.default_branch}"

    @property
    def sha(self) -> str:
        return self.change.sha


class PipelineFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which pipelines are listed; what is left out chooses all."""

    projects: tuple[int, ...] | None = None
    states: tuple[State, ...] = ()
    ref: str = ""
    event: Event | None = None
    people: tuple[int, ...] = ()  # who asked for it is one of these, or `words` fit
    words: str = ""  # a part of what is known of those who wrote the commit or brought it, folded
    children: bool = True  # also those that a pipeline of the same project started


class StageSeen(msgspec.Struct, frozen=True, kw_only=True):
    """How the jobs of one stage of a pipeline stand, the newest attempt for each: how many in which state."""

    name: str
    states: tuple[tuple[State, bool, int], ...]  # state, whether its failure is allowed, how many


class PipelineBrief(msgspec.Struct, frozen=True, kw_only=True):
    """Of a pipeline what a wall of many needs."""

    id: int
    project: int
    iid: int
    ref: str
    state: State
    created: int
    finished: int
    forgiven: bool

    @property
    def warned(self) -> bool:
        return self.forgiven and self.state is State.SUCCESS


class StoredJob(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at one job of a pipeline; the newest attempt stands for the job."""

    id: int = 0
    pipeline: int
    name: str
    stage: str = ""
    attempt: int = 1
    state: State = State.CREATED
    reason: FailureReason | None = None
    allow_failure: bool = False  # its failure, if it failed, is a warning
    tags: tuple[str, ...] = ()
    resource_group: str = ""
    queued: int = 0
    due: int = 0  # when a delayed job starts
    started: int = 0
    finished: int = 0
    lease_owner: str = ""  # who runs it: "<replica>/<start of its process>"; empty: nobody
    lease_until: int = 0
    fence: int = 0  # one more with every claim; whoever ends the attempt must know it
    interruptions: int = 0  # how many attempts before this one ended with their process
    by: int = 0  # the person on whose behalf it runs, if not on that of who started the pipeline
    pressed: Pressed = Pressed.NOTHING  # what they did to it; nothing: it goes on with what they did to another
    canceled_by: int = 0  # the person; 0: nobody
    inputs: dict[str, object] = {}  # values of its inputs that are not the declared defaults
    result: JobResult | None = None

    @property
    def ended(self) -> bool:
        return self.state in FINISHED


class JobNamed(NamedTuple):
    """A name that jobs of a project have, with the newest attempt of that name and its pipeline."""

    project: int
    name: str
    job: int
    pipeline: int


class WebhookKind(StrEnum):
    """What a forge tells of."""

    PUSH = "push"
    TAG = "tag"
    MERGE_REQUEST = "merge_request"
    PING = "ping"
    OTHER = "other"


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A verified message of a forge, in one shape for all of them. Commit ids are empty where there is none."""

    forge: str  # a name on the shelf of forges, or POLL
    delivery: str  # the forge's own id of this message; a repetition has the same
    kind: WebhookKind
    action: str = ""  # of a merge request: open, update, merge, close, ...; the forge's name of any other event
    ref: str = ""  # branch or tag, without refs/heads/; the source branch of a merge request
    before: str = ""
    after: str = ""  # empty: the ref was removed
    merge_request: MergeRequest | None = None
    is_open: bool | None = None  # the merge request, by now; None: nobody told
    changed: int = 0  # when it was, by the forge's clock; 0: it did not say
    user: str = ""
    user_name: str = ""
    user_email: str = ""
    push_options: tuple[str, ...] = ()  # such as ci.skip
    told: tuple[News, ...] = ()  # what becomes of it in the ledger
    payload: str = ""  # SHA-256 of its bytes, as sha256:<hex>; empty where there were none


class ToldChange(msgspec.Struct, frozen=True, kw_only=True):
    """Of a webhook what has to be known to carry it out, as it is kept until then."""

    kind: WebhookKind
    action: str = ""
    ref: str = ""
    before: str = ""
    after: str = ""
    merge_request: MergeRequest | None = None
    user: str = ""
    user_name: str = ""
    user_email: str = ""
    push_options: tuple[str, ...] = ()


class KnownRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a forge told last of a merge request."""

    project: int
    number: int
    branch: str  # that it would merge
    own: bool  # the branch is in the project's repository, not in a fork
    is_open: bool
    changed: int = 0  # by the forge's clock; 0: it did not say

    def follows(self, known: KnownRequest) -> bool:
        """Whether it is newer than what is known: messages come late, and out of order. What is told of one moment ends
        with the end of the request."""
        if not self.changed or self.changed > known.changed:
            return True
        return self.changed == known.changed and not self.is_open


class PushedCommit(msgspec.Struct, frozen=True, kw_only=True):
    """Times are seconds since the epoch."""

    sha: str
    parents: tuple[str, ...] = ()
    author: str = ""
    mail: str = ""  # the author's address, in small letters
    authored: int
    committed: int


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """What a push brought to a branch: its newest commits, the newest first, and how many more."""

    commits: tuple[PushedCommit, ...] = ()
    more: int = 0
    forced: bool = False  # commits that were there before are gone


class RefPlace(StrEnum):
    """Where a commit stands in a branch, a tag or a merge request."""

    NEWEST = "newest"  # it is where the ref stands
    INSIDE = "inside"  # the ref went on since
    OUTSIDE = "outside"  # the ref does not contain it
    MISSING = "missing"  # the repository has no such commit, or no such ref


class Outcome(StrEnum):
    """What came of a delivery."""

    QUEUED = "queued"  # written down; it is carried out in its turn
    PIPELINE = "pipeline"
    NOTHING = "nothing"  # understood, and no pipeline was to be made
    FORK = "fork"  # a merge request of another repository, which gets no pipeline here
    REFUSED = "refused"  # not to be understood, or not true: sent again it would be so again
    FAILED = "failed"  # it could not be carried out; the forge may send it again


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A message that proved itself, and what came of it. ``(forge, project, name, body)`` is unique: forges give one id
    to several messages."""

    id: int = 0
    project: int
    forge: str
    name: str  # the forge's id of it
    body: str = ""  # SHA-256 of the message as it came, in hexadecimal; empty where nobody sent one
    address: str = ""  # that it came from
    received: int
    event: str = ""
    ref: str = ""
    before: str = ""
    sha: str = ""
    host: str = ""  # that its repository is fetched from; empty: this machine
    told: bytes = b""  # a ToldChange, as long as it is to be carried out
    pipeline: int = 0
    outcome: Outcome = Outcome.QUEUED
    reason: str = ""  # a code; of one that is queued, why it was put off
    message: str = ""  # the same for people, in English
    settled: int = 0  # when it got its outcome
    newest: bool = False  # its commit was where the ref stood when it was carried out
    due: int = 0  # when it is taken up, at the earliest
    tries: int = 0  # how often it was put off
    begun: int = 0  # how often it was claimed since, without an end
    lease_owner: str = ""  # who carries it out: "<replica>/<start of its process>"; empty: nobody
    lease_until: int = 0
    fence: int = 0  # one more with every claim; whoever tells the outcome must know it


class QueueSeen(msgspec.Struct, frozen=True, kw_only=True):
    """Deliveries without an outcome."""

    waiting: int = 0
    put_off: int = 0  # to be tried again later
    at_work: int = 0
    oldest: int = 0  # when the first of them was received; 0: there is none


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """When a repository was looked at, without what was seen."""

    project: int
    url: str
    poll: int
    polled: int
    faults: int


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline that starts by the clock."""

    id: int = 0
    project: int
    title: str = ""
    cron: str  # five fields
    time_zone: str = "UTC"
    ref: str = ""  # empty: the default branch
    variables: bytes = b""  # sealed
    active: bool = True
    owner: int = 0
    next: int = 0  # when it starts next; 0: never
    last: int = 0
    pipeline: int = 0  # that it started then; 0: none
    message: str = ""  # why it started none, for people, in English


class ProcessMode(StrEnum):
    """In which order pipelines get a resource group (docs: ci/resource_groups/#process-modes)."""

    UNORDERED = "unordered"
    OLDEST_FIRST = "oldest_first"
    NEWEST_FIRST = "newest_first"
    NEWEST_READY_FIRST = "newest_ready_first"


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A resource group of a project, and the job that holds it."""

    project: int
    name: str
    mode: ProcessMode = ProcessMode.UNORDERED
    job: int = 0


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """The git repository of a project. ``secret`` is sealed: what its webhooks prove themselves with."""

    project: int
    kind: str  # of forge, by its name on the shelf
    url: str  # of the repository, or the path of one on this machine
    external: str = ""  # the forge's own name of the project
    default_branch: str = ""  # empty: as the repository says
    config_path: str = ""  # empty: .gitlab-ci.yml
    secret: bytes = b""
    poll: int = 0  # seconds between looks at the repository; 0: as the setting for those that tell by themselves
    polled: int = 0
    heads: dict[str, str] = {}  # full ref name -> commit, as last seen; what is not UTF-8 in a name as surrogates
    heard: int = 0  # the newest delivery that was there when it was looked at last; -1: no look came to its end
    faults: int = 0  # looks in a row that came to nothing
    fault: str = ""  # why the last of them did, for people, in English
