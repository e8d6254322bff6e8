"""What the server's flows are handed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol

import msgspec

from plumbline.flow.jobs.tools import ReadJobReports, nothing_read
from plumbline.flow.people.refusals import Refusals
from plumbline.flow.pipelines.lineage import Lineage
from plumbline.flow.pipelines.metrics_hook import Observations
from plumbline.flow.pipelines.occasions import NobodyWaits, Occasions
from plumbline.flow.pipelines.plan_cache import Plans
from plumbline.flow.unit_of_work import Units
from plumbline.model.change import Change, Event, MergeRequest, Project
from plumbline.model.history import Brought
from plumbline.model.job import KeptFile
from plumbline.model.pipeline import Job, Variable
from plumbline.model.ports.jobs import Repository
from plumbline.model.ports.transaction import Store, Transaction
from plumbline.model.ports.vault import Vault
from plumbline.model.reported import ChangedLines, ReadReports
from plumbline.model.room import Room
from plumbline.model.server import Pushed, RefPlace, StoredJob, StoredPipeline, Webhook

if TYPE_CHECKING:
    from collections.abc import Collection

    from plumbline.flow.jobs.tools import CancelHandle, PipelineTools
    from plumbline.kernel import PlumblineError


class ServedProject(msgspec.Struct, frozen=True, kw_only=True):
    """What the server knows of a project when it makes a pipeline: its place in the tree and its settings."""

    id: int  # node of the tree
    project: Project
    config_path: str = ".gitlab-ci.yml"
    protected: tuple[str, ...] = ()  # names of branches, with ``*``; the default branch always is
    protected_tags: tuple[str, ...] = ()  # names of tags, with ``*``
    forks: bool = False  # whether a merge request of another repository gets a pipeline
    archived: bool = False  # it, or a node above it: nothing starts any more
    auto_cancel: bool = True  # redundant pipelines of a ref, as the configuration says


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which commit a pipeline is for. ``sha`` empty: what the ref is at now."""

    project: int
    event: Event = Event.PUSH
    ref: str = ""  # branch, tag or full name; empty: the default branch
    sha: str = ""
    before: str = ""
    merge_request: MergeRequest | None = None
    user_id: str = ""  # of a person of this server
    user: str = ""
    user_name: str = ""
    user_email: str = ""
    schedule: int = 0  # that asks for it
    cause: str = ""  # id of the event of ours that it follows, such as that of a delivery


class ProjectSource(Protocol):
    """The projects' repositories, settings and variables; touches git, so never inside a transaction."""

    def project(self, project: int) -> ServedProject:
        """PlumblineError ``no-such-project``."""
        ...

    def fetch(self, project: int, *, merge_request: int = 0) -> None:
        """Bring the copy of the repository up to date. PlumblineError ``repository-vanished`` and others."""
        ...

    def remote_heads(self, project: int) -> dict[str, str]:
        """Full name of every branch and tag to its commit, as the remote has them now."""
        ...

    def refs(self, project: int) -> Collection[str] | None:
        """Full name of every branch and tag that the copy has; None where there is no copy to look at."""
        ...

    def change(self, wanted: Wanted) -> Change:
        """What the copy knows of a commit. PlumblineError ``unknown-ref``, ``ref-is-a-commit``."""
        ...

    def pushed(self, project: int, branch: str, before: str, after: str, most: int) -> Pushed:
        """What a push brought, from the copy: at most so many commits, and how many more."""
        ...

    def contains(self, project: int, older: str, newer: str) -> bool | None:
        """Whether the one commit is in the history of the other; None where the copy does not have both."""
        ...

    def place_of(self, wanted: Wanted) -> tuple[RefPlace, str]:
        """Where the commit stands in the branch, tag or merge request that it is said to belong to, in the copy; and
        the commit, where a tag of its own was named."""
        ...

    def keep(self, project: int, sha: str) -> None:
        """See that a commit stays in the copy, whatever happens to its branch."""
        ...

    def changed_lines(self, change: Change) -> ChangedLines | None:
        """The lines that a change added or changed, in the copy; None where there is nothing to hold it against."""
        ...

    def brought(self, change: Change) -> Brought | None:
        """The commits of a change and all paths that it touches, against the same base as :meth:`changed_lines`; None
        where nobody can tell."""
        ...

    def contracts(self, change: Change) -> list[tuple[str, bytes]]:
        """Files of a commit that look like contracts of interfaces by their names, with their bytes."""
        ...

    def files_at(self, change: Change) -> Repository | None:
        """The files at the commit of a change; None where the copy does not have it."""
        ...

    def variables(self, project: int) -> tuple[Variable, ...]:
        """Of the installation, the groups and the project, opened; lowest precedence first."""
        ...

    def tools(
        self, project: int, change: Change, variables: tuple[Variable, ...], inputs: dict[str, object], *, by: int
    ) -> PipelineTools:
        """For planning and ordering. ``equip`` of it takes a pipeline's id. Other projects are within reach as far as
        the person ``by`` may (0: nobody whom the server knows)."""
        ...


class Left(NamedTuple):
    """The bytes of what a job left. ``blocks`` raises PlumblineError ``blob-corrupt`` where they are not what they
    were, before the last of them is handed out."""

    size: int
    blocks: Iterator[bytes]


class TakeReports(Protocol):
    """Stores what the report files of a job say, with its end: in the same transaction."""

    def __call__(
        self, tx: Transaction, pipeline: StoredPipeline, job: StoredJob, planned: Job, read: ReadReports, /
    ) -> None: ...


def no_forge(_forge: str, _headers: Mapping[str, str], _body: bytes, _secret: bytes) -> Webhook:
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Server:
    """Everything the server's flows may touch. Built by ``wiring_server`` alone."""

    store: Store
    projects: ProjectSource
    vault: Vault
    clock: Callable[[], int]  # microseconds since the epoch
    new_uid: Callable[[], str]
    source: str = "/plumbline"  # CDEvents context.source of this installation
    url: str = ""  # how people reach this server
    wake: Callable[[], None] = lambda: None  # there may be something to do for the runner
    plans: Plans = field(default_factory=Plans)
    lineage: Lineage = field(default_factory=Lineage)
    observations: Observations = field(default_factory=Observations)
    log_of: Callable[[StoredJob], str | None] = lambda _job: None  # the file with what a job printed
    left_of: Callable[[StoredJob, KeptFile], Left | None] = lambda _job, _file: None  # the bytes of what a job left
    read_webhook: Callable[[str, Mapping[str, str], bytes, bytes], Webhook] = no_forge  # forge, headers, body, secret
    job_variables: Callable[[StoredJob], tuple[Variable, ...]] = lambda _job: ()  # of an attempt that begins
    take_reports: TakeReports = lambda _tx, _pipeline, _job, _planned, _read: None  # what a job left, with its end
    refusals: Refusals = field(default_factory=lambda: Refusals(lambda _refusal, _at: None))
    occasions: Occasions = field(default_factory=NobodyWaits)  # what is due where something begins

    @property
    def units(self) -> Units:
        return Units(self.store, self.source, self.clock, self.new_uid)


@dataclass(frozen=True, slots=True)
class RunnerTools:
    """What a runner is handed. ``replica`` names this server among others and stays the same when it starts again;
    ``owner`` is ``<replica>/<something new at each start>``, and begins with ``place``: an owner that does so as well
    and is not this one ran on this machine before, and is dead."""

    server: Server
    replica: str
    place: str
    owner: str
    threads: int
    new_cancellation: Callable[[], CancelHandle]
    open_log: Callable[[int, int], BinaryIO]  # of a pipeline's job
    clean_up: Callable[[], None]  # kill and remove what a dead process of this replica left
    complain: Callable[[PlumblineError], None]  # the store or a repository cannot be used at the moment
    read_reports: ReadJobReports = nothing_read
    room: Callable[[], Room] = lambda: Room.ENOUGH  # on the disk
    tags: frozenset[str] = frozenset()
    isolation: str = ""  # how it is told to run jobs without an image
    system: str = ""  # what this machine runs, as it says itself
    version: str = ""  # of Plumbline
