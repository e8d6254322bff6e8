"""The protocols of what a store keeps about repositories, pipelines and jobs.

A change of state is a conditional write: it says what it expects, and answers whether it happened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from plumbline.model.job import State
from plumbline.model.ports_people import Registry
from plumbline.model.stored import Binding, Delivery, LogSegment, Runner, Schedule, StoredJob, StoredPipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from contextlib import AbstractContextManager
    from typing import Any


class Bindings(Protocol):
    """The repositories of projects."""

    def put(self, binding: Binding) -> None:
        """Add or replace; PlumblineError ``repository-bound`` where another project has this repository."""
        ...

    def get(self, project: int) -> Binding | None: ...

    def at(self, kind: str, url: str) -> Binding | None: ...

    def all(self) -> Sequence[Binding]: ...

    def polled(self, project: int, at: int, heads: dict[str, str]) -> None: ...

    def remove(self, project: int) -> bool: ...


class Pipelines(Protocol):
    def add(self, pipeline: StoredPipeline) -> StoredPipeline:
        """The pipeline with its id and its number in the project."""
        ...

    def get(self, pipeline: int) -> StoredPipeline | None: ...

    def numbered(self, project: int, iid: int) -> StoredPipeline | None: ...

    def move(self, pipeline: int, expected: Collection[State], state: State, **fields: Any) -> bool:
        """Set the state, and other fields with it, if the state is one of those expected."""
        ...

    def newest(
        self,
        limit: int,
        *,
        projects: Collection[int] | None = None,
        states: Collection[State] = (),
        ref: str = "",
        before: int | None = None,
    ) -> Sequence[StoredPipeline]:
        """Newest first, without change and plan; ``before`` is the last id of the page before."""
        ...

    def latest(self, projects: Collection[int]) -> Sequence[StoredPipeline]:
        """The newest pipeline of each of these projects, without change and plan."""
        ...

    def unfinished(self) -> Sequence[StoredPipeline]:
        """Oldest first."""
        ...

    def of_commit(self, sha: str) -> Sequence[StoredPipeline]:
        """Those of a commit, or of commits whose id begins with this; without change and plan."""
        ...


class Jobs(Protocol):
    def add(self, jobs: Sequence[StoredJob]) -> Sequence[StoredJob]:
        """The jobs with their ids; PlumblineError ``attempt-exists``."""
        ...

    def get(self, job: int) -> StoredJob | None: ...

    def of(self, pipeline: int) -> Sequence[StoredJob]:
        """All attempts, in the order they were added."""
        ...

    def move(
        self, job: int, expected: Collection[State], state: State, *, fence: int | None = None, **fields: Any
    ) -> bool:
        """Set the state, and other fields with it, if the state is one of those expected and the fence is this."""
        ...

    def claim(
        self,
        owner: str,
        now: int,
        until: int,
        *,
        runner: int = 0,
        limit: int = 1,
        accepts: Callable[[StoredJob], bool] | None = None,
    ) -> Sequence[StoredJob]:
        """Take pending jobs, those that waited longest first: they are running now, leased until then."""
        ...

    def renew(self, job: int, fence: int, until: int) -> bool:
        """False where the lease is lost: whoever held it stops."""
        ...

    def expired(self, now: int) -> Sequence[StoredJob]:
        """Running or being canceled, and their lease has run out."""
        ...

    def count(self, states: Collection[State]) -> dict[State, int]: ...


class LogSegments(Protocol):
    def add(self, segment: LogSegment) -> None:
        """The same segment twice is kept once."""
        ...

    def of(self, job: int) -> Sequence[LogSegment]: ...


class Schedules(Protocol):
    def add(self, schedule: Schedule) -> Schedule: ...

    def get(self, schedule: int) -> Schedule | None: ...

    def of(self, project: int) -> Sequence[Schedule]: ...

    def due(self, now: int) -> Sequence[Schedule]: ...

    def save(self, schedule: Schedule) -> bool: ...

    def ran(self, schedule: int, expected: int, next: int, at: int) -> bool:  # noqa: A002
        """It is due again at ``next``, if it was due at ``expected``: of several schedulers one gets True."""
        ...

    def remove(self, schedule: int) -> bool: ...


class Deliveries(Protocol):
    def first(self, delivery: Delivery) -> bool:
        """Keep it; False where it was there already: a replay."""
        ...

    def outcome(self, forge: str, id: str, outcome: str) -> None: ...  # noqa: A002

    def newest(self, limit: int, project: int | None = None) -> Sequence[Delivery]: ...

    def sweep(self, before: int) -> int: ...


class Runners(Protocol):
    def add(self, runner: Runner) -> Runner: ...

    def get(self, runner: int) -> Runner | None: ...

    def having(self, digest: bytes) -> Runner | None: ...

    def all(self) -> Sequence[Runner]: ...

    def save(self, runner: Runner) -> bool: ...

    def seen(self, runner: int, at: int, version: str, address: str) -> None: ...

    def remove(self, runner: int) -> bool: ...


class Records(Registry, Protocol):
    """All that the server keeps, in one transaction."""

    @property
    def bindings(self) -> Bindings: ...
    @property
    def pipelines(self) -> Pipelines: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def logs(self) -> LogSegments: ...
    @property
    def schedules(self) -> Schedules: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def runners(self) -> Runners: ...


class Store(Protocol):
    """Opens transactions over all records. Safe to use from several threads; callers share commits."""

    def change(self) -> AbstractContextManager[Records]:
        """For writing: durable when the block is left, together with the events recorded in it. One at a time, so
        nothing slow belongs into the block. Leaving it by an exception undoes all that was done in it."""
        ...

    def view(self) -> AbstractContextManager[Records]:
        """For reading only; sees one moment, waits for nobody."""
        ...
