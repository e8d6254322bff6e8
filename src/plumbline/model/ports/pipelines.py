"""What the store keeps of pipelines, and of what starts them. Transactions that write happen one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from plumbline.model.deployment import EnvironmentDeployment, EnvironmentState
from plumbline.model.server import (
    Binding,
    Delivery,
    JobNamed,
    KnownRequest,
    Look,
    PipelineBrief,
    PipelineFilter,
    ProcessMode,
    QueueSeen,
    Resource,
    Schedule,
    StageSeen,
    StoredJob,
    StoredPipeline,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from plumbline.model.job import State


class Pipelines(Protocol):
    """Pipelines with their sealed plans."""

    def add(self, pipeline: StoredPipeline, plan: bytes, variables: bytes) -> StoredPipeline:
        """The pipeline with its id and iid. ``variables`` are sealed."""
        ...

    def get(self, pipeline: int) -> StoredPipeline | None: ...

    def plan(self, pipeline: int) -> tuple[bytes, bytes]:
        """The plan and the sealed variables, as they were added. KeyError where there is no such pipeline."""
        ...

    def change(self, before: StoredPipeline, after: StoredPipeline) -> bool:
        """Write state, message, times, what it was started by and who canceled it, count the version up; False where
        it is not ``before.version`` any more."""
        ...

    def newest(
        self,
        limit: int,
        *,
        projects: Collection[int] | None = None,
        states: Collection[State] = (),
        ref: str = "",
        before: int = 0,
    ) -> Sequence[StoredPipeline]:
        """Newest first; those with a smaller id than ``before`` (0: all)."""
        ...

    def listed(self, chosen: PipelineFilter, limit: int, *, before: int = 0) -> Sequence[StoredPipeline]:
        """Newest first; those with a smaller id than ``before`` (0: all)."""
        ...

    def how_many(self, chosen: PipelineFilter, most: int) -> int:
        """How many there are; ``most`` where there are as many or more."""
        ...

    def latest(self, projects: Collection[int], *, trunk: bool = False) -> Sequence[PipelineBrief]:
        """The newest pipeline of each of these projects that is no child of another one there. ``trunk``: of its
        default branch alone."""
        ...

    def of_commit(self, sha: str) -> Sequence[StoredPipeline]:
        """Those of commits whose id begins so, newest first."""
        ...

    def like(self, text: str, limit: int, projects: Collection[int] | None = None) -> Sequence[StoredPipeline]:
        """The newest one of each ref that has the text in its name, then of each title of a commit that has; at most so
        many of both, those that begin so first. ``projects`` None: of all."""
        ...

    def numbered_in(self, iid: int, limit: int, projects: Collection[int]) -> Sequence[StoredPipeline]:
        """Those that have this number inside one of these projects, newest first."""
        ...

    def unfinished(self, project: int | None = None) -> Sequence[StoredPipeline]:
        """Those that have not come to their end, oldest first."""
        ...

    def downstream(self, job: int) -> StoredPipeline | None:
        """What a trigger job started."""
        ...

    def begun_by(self, pipelines: Collection[int]) -> Sequence[StoredPipeline]:
        """What the trigger jobs of these pipelines started, oldest first: by every attempt at each of them."""
        ...

    def count(self, states: Collection[State]) -> dict[State, int]:
        """How many are in each of these states."""
        ...

    def numbered(self, project: int, iid: int) -> StoredPipeline | None: ...

    def sealed(self, after: int, limit: int) -> Sequence[tuple[int, str, bytes]]:
        """Id, uid and sealed variables of those that have any, by id, after this id."""
        ...

    def reseal(self, pipeline: int, before: bytes, sealed: bytes) -> bool:
        """Replace the sealed variables if they are still ``before``."""
        ...


class Jobs(Protocol):
    """Attempts at jobs."""

    def add(self, jobs: Sequence[StoredJob]) -> list[StoredJob]:
        """The jobs with their ids, ascending in the order given."""
        ...

    def get(self, job: int) -> StoredJob | None: ...

    def named(self, text: str, limit: int, projects: Collection[int] | None = None) -> Sequence[JobNamed]:
        """Names of jobs that have the text in them, in each of these projects (None: in all); those that begin so
        first, and the newest before others."""
        ...

    def of(self, pipeline: int) -> Sequence[StoredJob]:
        """Every attempt, by id: of one job the newest is the last."""
        ...

    def change(self, before: StoredJob, after: StoredJob) -> bool:
        """Write everything but what names the job; False where its state, its owner or its fence is not that of
        ``before`` any more."""
        ...

    def waiting(self, limit: int, *, after: int = 0) -> Sequence[StoredJob]:
        """Those that may start: pending, or waiting for their resource group; those queued longest first."""
        ...

    def due(self, now: int) -> Sequence[StoredJob]:
        """Delayed jobs whose time has come."""
        ...

    def put_off_after(self, moment: int) -> Sequence[StoredJob]:
        """Delayed jobs that were put off later than this."""
        ...

    def leased(self) -> Sequence[StoredJob]:
        """Those that somebody runs."""
        ...

    def renew(self, owner: str, jobs: Collection[int], until: int) -> int:
        """A sign of life for these jobs, as far as they are the owner's; how many. ``lease_until`` is another one
        then, whatever the clock says."""
        ...

    def stages(self, pipelines: Collection[int]) -> Mapping[int, Sequence[StageSeen]]:
        """How the stages of these pipelines stand, in their order, by pipeline; none where it has no job."""
        ...

    def count(self, states: Collection[State]) -> dict[State, int]:
        """How many attempts are in each of these states."""
        ...

    def in_group(self, project: int, name: str) -> Sequence[StoredJob]:
        """Jobs of a resource group that have not come to their end, oldest pipeline first."""
        ...


class Resources(Protocol):
    """Resource groups, and who holds them."""

    def get(self, project: int, name: str) -> Resource:
        """One that was never asked for is free and unordered."""
        ...

    def take(self, project: int, name: str, job: int) -> bool:
        """False while another job holds it."""
        ...

    def release(self, job: int) -> None: ...

    def set_mode(self, project: int, name: str, mode: ProcessMode) -> None: ...

    def of(self, project: int) -> Sequence[Resource]: ...


class Deliveries(Protocol):
    """What was told, and what came of it; a queue of what is still to be carried out."""

    def add(self, delivery: Delivery) -> Delivery:
        """The delivery with its id."""
        ...

    def get(self, delivery: int) -> Delivery | None: ...

    def told(self, forge: str, project: int, name: str, body: str) -> Delivery | None:
        """The same message, as it came before."""
        ...

    def repeats(self, delivery: Delivery) -> bool:
        """Whether the newest that was told of its branch or tag is the same push."""
        ...

    def told_gone(self, delivery: Delivery) -> bool:
        """Whether it was told before, by anybody, that its branch or tag is gone, and was at the same commit."""
        ...

    def change(self, before: Delivery, after: Delivery) -> bool:
        """False where somebody else claimed or ended it since."""
        ...

    def newest(self, project: int | None, limit: int) -> Sequence[Delivery]: ...

    def last(self) -> int:
        """The id of the newest of all; 0: there is none."""
        ...

    def pushes(self, project: int, after: int) -> Sequence[Delivery]:
        """Of branches and tags, those with a higher id, the oldest first, as far as they were not refused and did not
        fail."""
        ...

    def of_ref(self, like: Delivery) -> Sequence[Delivery]:
        """Pushes of the same branch or tag that were carried out, the newest first; not more than anybody needs."""
        ...

    def claimable(
        self, now: int, never: int, hosts: Collection[str], projects: Collection[int], limit: int
    ) -> Sequence[Delivery]:
        """What is due and held by nobody, the oldest first: of each branch and tag, and of the merge requests of each
        branch, the first without an outcome; none of these hosts and projects. What would be due later than ``never``
        is due: the clock was ahead when that was written."""
        ...

    def leased(self) -> Sequence[Delivery]:
        """Those that somebody carries out."""
        ...

    def renew(self, owner: str, deliveries: Collection[int], until: int) -> int:
        """As :meth:`Jobs.renew`."""
        ...

    def give_back(self, place: str, owner: str) -> int:
        """Free what earlier owners held, of those whose name begins so; how many."""
        ...

    def queue(self, now: int) -> QueueSeen: ...


class MergeRequests(Protocol):
    """What forges told of merge requests."""

    def get(self, project: int, number: int) -> KnownRequest | None: ...

    def put(self, request: KnownRequest) -> None: ...

    def open(self, project: int, branch: str, limit: int) -> Sequence[int]:
        """Numbers of the open ones of a branch of the project's own repository, the highest first."""
        ...

    def forget(self, project: int) -> None:
        """All of a project: it has another repository."""
        ...


class Deployments(Protocol):
    """What was brought to the environments of projects."""

    def add(self, deployment: EnvironmentDeployment) -> None: ...

    def get(self, job: int) -> EnvironmentDeployment | None:
        """That of this attempt at a job."""
        ...

    def save(self, deployment: EnvironmentDeployment) -> None: ...

    def state(self, project: int, environment: str) -> EnvironmentState: ...

    def states(self, projects: Collection[int]) -> Mapping[tuple[int, str], EnvironmentState]:
        """Of every environment of these projects that has something, by project and name."""
        ...

    def had(self, project: int, environment: str, commit: str) -> bool:
        """Whether a deployment of this commit succeeded there since it was last stopped."""
        ...

    def stop(self, project: int, environment: str, at: int) -> None:
        """Note that nothing of what was brought there is there any more."""
        ...


class Schedules(Protocol):
    """What starts pipelines by the clock."""

    def add(self, schedule: Schedule) -> Schedule: ...

    def get(self, schedule: int) -> Schedule | None: ...

    def of(self, project: int) -> Sequence[Schedule]: ...

    def due(self, now: int) -> Sequence[Schedule]: ...

    def active(self) -> Sequence[Schedule]:
        """All that will be due at some time."""
        ...

    def save(self, schedule: Schedule) -> bool: ...

    def fired(self, before: Schedule, at: int, following: int, *, pipeline: int = 0, message: str = "") -> bool:
        """Note what came of it at its time: a pipeline, or why there is none; False where somebody else did already."""
        ...

    def put_back(self, before: Schedule, following: int) -> bool:
        """Another time at which it is due next; False where it started since, or was changed."""
        ...

    def remove(self, schedule: int) -> bool: ...


class Bindings(Protocol):
    """The repositories of projects."""

    def get(self, project: int) -> Binding | None: ...

    def put(self, binding: Binding) -> None:
        """PlumblineError ``repository-bound`` where another project has this repository."""
        ...

    def holder(self, url: str, other_than: int) -> int | None:
        """Another project that has the repository at this address; None: none has."""
        ...

    def remove(self, project: int) -> bool: ...

    def all(self) -> Sequence[Binding]: ...

    def looks(self) -> Sequence[Look]:
        """When each was looked at."""
        ...

    def begin_look(self, look: Look, at: int) -> bool:
        """Note that somebody looks; False where somebody else does since."""
        ...

    def end_look(self, project: int, *, heads: dict[str, str] | None, heard: int = 0, fault: str = "") -> None:
        """Keep what was seen; None: the look came to nothing, and ``fault`` says why."""
        ...
