"""Where pages ask and where they bring what people want done: the one protocol between the pages and the rest.

Whoever implements it checks permissions, records refusals, and keeps every act in the ledger. Everything that takes a
visitor raises PlumblineError ``not-allowed`` where the visitor may not, and ``not-found`` where there is no such thing
or the visitor may not know of it. Times are microseconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from plumbline.access import csrf_token

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from plumbline.access import Actor, Permission
    from plumbline.flow.ledger.find_entries import Search
    from plumbline.flow.ledger.prove_entry import Inclusion
    from plumbline.flow.people.invitations import InvitationState
    from plumbline.flow.pipelines.artifacts import ArtifactsNow
    from plumbline.flow.search import Found
    from plumbline.model.event import Checkpoint, Entry, EntryFilter
    from plumbline.model.person import ApiToken, Grant, Person, Role, Session
    from plumbline.model.pipeline import Plan
    from plumbline.model.repository_credential import RemoteScheme, RepositoryCredential
    from plumbline.model.server import Delivery, Schedule, StoredJob, StoredPipeline
    from plumbline.model.tree import Node, NodeKind, StoredVariable


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where somebody comes from, who is not signed in yet."""

    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in, by which session."""

    standing: Actor
    session: Session
    secret: str

    @property
    def person(self) -> Person:
        return self.standing.person

    @property
    def csrf(self) -> str:
        return csrf_token(self.secret)


@dataclass(frozen=True, slots=True)
class Signed:
    """A new session: the secret for the cookie, and when it ends at the latest."""

    secret: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry is in the ledger."""

    entry: Entry
    size: int  # of the ledger
    inclusion: Inclusion | None  # recomputed when asked; None: nothing proves it
    checkpoint: Checkpoint | None  # the newest signed one that covers the entry


@dataclass(frozen=True, slots=True)
class LedgerState:
    """What the ledger is now, and what the last look at its end said."""

    size: int
    checkpoint: Checkpoint | None
    verified: int  # entries that were recomputed from the end
    broken: bool
    fault: int = 0  # the first sequence number that does not hold; 0: none, or not known
    held: int = 0  # entries from the first on that the last verification went through
    looked: int = 0  # when that was; 0: never


@dataclass(frozen=True, slots=True)
class RunnerState:
    """Who runs jobs, and when there was the last sign of life."""

    name: str
    jobs: tuple[StoredJob, ...]
    seen: int
    threads: int = 0
    alive: bool = True


@dataclass(frozen=True, slots=True)
class RepositoryState:
    """Where a project's repository is, and how the server learns of its changes."""

    kind: str  # of forge
    url: str  # or path; without a password
    hook: str  # where the forge sends its messages
    poll: int = 0  # seconds between two looks; 0: it is not looked at
    polled: int = 0
    branch: str = ""  # the default one, where it is not as the repository says


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """``runs``: whether its owner may still start pipelines; it starts none otherwise."""

    schedule: Schedule
    owner: str  # empty: nobody, or somebody who is gone
    runs: bool


class LogFile(Protocol):
    """The log of one attempt at a job. It only grows."""

    @property
    def size(self) -> int: ...

    @property
    def live(self) -> bool:
        """More may come."""
        ...

    def read(self, offset: int, length: int) -> bytes: ...


class Desk(Protocol):
    # the door
    def clock(self) -> int: ...
    @property
    def readers(self) -> int:
        """How many may well ask at once."""
        ...

    def one_moment(self) -> AbstractContextManager[None]:
        """All that is asked inside, by this thread, is as it was at one moment."""
        ...

    def vacant(self) -> bool:
        """Nobody is there yet: the set-up link is to be used."""
        ...

    def visitor(self, secret: str, entrance: Entrance) -> Visitor | None: ...
    def set_up(self, link: str, name: str, title: str, password: str, entrance: Entrance) -> Signed: ...
    def accept(self, link: str, name: str, password: str, entrance: Entrance) -> Signed:
        """Somebody who was invited sets a password."""
        ...

    def sign_in(self, name: str, password: str, entrance: Entrance) -> Signed: ...
    def sign_out(self, visitor: Visitor) -> None: ...
    def refused(self, page: str, code: str, visitor: Visitor | None, entrance: Entrance) -> None: ...
    def may(self, visitor: Visitor, permission: Permission, node: int) -> bool: ...

    # the tree
    def nodes(self, visitor: Visitor) -> Sequence[Node]:
        """All that the visitor may see, by path."""
        ...

    def line(self, visitor: Visitor, node: int) -> Sequence[Node]:
        """One of them, and those above it."""
        ...

    def add_node(self, visitor: Visitor, parent: int | None, kind: NodeKind, name: str, title: str) -> Node: ...
    def change_setting(self, visitor: Visitor, node: int, key: str, value: object) -> None:
        """Of a node of the tree. None: take away what is set there."""
        ...

    def rename(self, visitor: Visitor, node: int, title: str) -> None: ...
    def archive(self, visitor: Visitor, node: int, archived: bool) -> None: ...
    def bind(self, visitor: Visitor, project: int, kind: str, url: str, poll: int, branch: str) -> None: ...
    def repository(self, visitor: Visitor, project: int) -> RepositoryState | None:
        """None where none is bound."""
        ...

    def deliveries(self, visitor: Visitor, project: int, limit: int) -> Sequence[Delivery]:
        """What forges told of a project, the newest first."""
        ...

    def renew_webhook(self, visitor: Visitor, project: int, signing_token: str) -> str:
        """A new secret, shown once; none with a signing token, which the forge made."""
        ...

    def repository_credentials(self, visitor: Visitor, node: int) -> Sequence[RepositoryCredential]:
        """Those set there or above."""
        ...

    def put_repository_credential(self, visitor: Visitor, credential: RepositoryCredential, secret: str) -> None: ...
    def remove_repository_credential(self, visitor: Visitor, node: int, scheme: RemoteScheme, host: str) -> None: ...
    def variables(self, visitor: Visitor, node: int) -> Sequence[StoredVariable]: ...
    def put_variable(self, visitor: Visitor, variable: StoredVariable, value: str) -> None: ...
    def remove_variable(self, visitor: Visitor, node: int, name: str, scope: str) -> None: ...

    # pipelines
    def latest(self, visitor: Visitor) -> Mapping[int, StoredPipeline]:
        """The newest pipeline of every project that the visitor may see."""
        ...

    def pipelines(self, visitor: Visitor, project: int, ref: str, before: int, limit: int) -> Sequence[StoredPipeline]:
        """Newest first, with smaller ids than ``before`` (0: all), of one ref (empty: of all)."""
        ...

    def pipeline(self, visitor: Visitor, pipeline: int) -> StoredPipeline: ...
    def plan(self, visitor: Visitor, pipeline: int) -> Plan | None:
        """None where there was none to be made."""
        ...

    def jobs(self, visitor: Visitor, pipeline: int) -> Sequence[StoredJob]:
        """Every attempt, oldest first."""
        ...

    def job(self, visitor: Visitor, job: int) -> StoredJob: ...
    def log(self, visitor: Visitor, job: int) -> LogFile | None: ...
    def days_of_log(self, visitor: Visitor, job: int) -> int:
        """For how many days logs are kept, where the time of this one is over; 0: it is not."""
        ...

    def artifacts(self, visitor: Visitor, job: int) -> ArtifactsNow | None:
        """What a job left; None: nothing."""
        ...

    def left_file(self, visitor: Visitor, job: int, name: str) -> Iterator[bytes]:
        """The archive of a job's artifacts, or a report."""
        ...

    def keep_artifacts(self, visitor: Visitor, job: int, keep: bool) -> None:
        """For ever, or by their time."""
        ...

    def run(self, visitor: Visitor, project: int, ref: str, variables: Mapping[str, str]) -> StoredPipeline: ...
    def cancel(self, visitor: Visitor, pipeline: int) -> None: ...
    def retry_pipeline(self, visitor: Visitor, pipeline: int) -> None: ...
    def retry(self, visitor: Visitor, job: int) -> int:
        """The id of the new attempt."""
        ...

    def play(self, visitor: Visitor, job: int) -> None: ...
    def cancel_job(self, visitor: Visitor, job: int) -> None: ...
    def schedules(self, visitor: Visitor, project: int) -> Sequence[ScheduleRow]: ...
    def schedule(self, visitor: Visitor, schedule: int) -> Schedule: ...
    def put_schedule(self, visitor: Visitor, schedule: Schedule) -> None:
        """It is the visitor's from then on."""
        ...

    def play_schedule(self, visitor: Visitor, schedule: int) -> StoredPipeline: ...
    def remove_schedule(self, visitor: Visitor, schedule: int) -> None: ...
    def runners(self, visitor: Visitor) -> Sequence[RunnerState]: ...
    def waiting(self, visitor: Visitor) -> int:
        """How many jobs wait for somebody who runs them."""
        ...

    # the ledger
    def head(self) -> int:
        """The number of entries; cheap, asked twice a second."""
        ...

    def ledger(self, visitor: Visitor) -> LedgerState: ...
    def entries(
        self, visitor: Visitor, wanted: EntryFilter, text: str, limit: int, *, before: int, part: bool
    ) -> Search:
        """Newest first, as :func:`plumbline.flow.ledger.find_entries.find_entries` finds them."""
        ...

    def entry_types(self, visitor: Visitor) -> Sequence[str]: ...

    def proof(self, visitor: Visitor, seq: int) -> Proof: ...

    # people
    def people(self, visitor: Visitor) -> Sequence[Person]: ...
    def grants(self, visitor: Visitor, person: int) -> Sequence[Grant]: ...
    def add_person(self, visitor: Visitor, name: str, title: str, email: str) -> str:
        """A link by which the person sets a password: shown once."""
        ...

    def invite(self, visitor: Visitor, person: int) -> str:
        """Another one, also where the password was lost."""
        ...

    def invitation_state(self, visitor: Visitor, person: int) -> InvitationState: ...
    def set_active(self, visitor: Visitor, person: int, active: bool) -> None: ...
    def grant(self, visitor: Visitor, person: int, node: int, role: Role) -> None: ...
    def revoke(self, visitor: Visitor, person: int, node: int, role: Role) -> None: ...
    def prefer(self, visitor: Visitor, language: str) -> None: ...
    def change_password(self, visitor: Visitor, old: str, new: str) -> None: ...
    def tokens(self, visitor: Visitor) -> Sequence[ApiToken]:
        """The visitor's own."""
        ...

    def make_token(self, visitor: Visitor, name: str, scopes: Sequence[str], days: int) -> str:
        """The token: shown once."""
        ...

    def revoke_token(self, visitor: Visitor, token: str) -> None: ...

    def resolve(self, visitor: Visitor, text: str) -> Sequence[Found]:
        """At most 20, best first."""
        ...
