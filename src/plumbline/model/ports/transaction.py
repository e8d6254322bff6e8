"""All that the server keeps, in one transaction: everything happens, events included, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from plumbline.model.event import Entry, EventDraft
    from plumbline.model.moves import Stretch
    from plumbline.model.ports.artifacts import Artifacts, Repositories, Robots
    from plumbline.model.ports.gates import Collections, Evaluations, RuleSets, Waivers
    from plumbline.model.ports.people import Aliases, Grants, LoginAttempts, People, SavedViews, Sessions, Stars, Tokens
    from plumbline.model.ports.pipelines import (
        Bindings,
        Deliveries,
        Deployments,
        Jobs,
        MergeRequests,
        Pipelines,
        Resources,
        Schedules,
    )
    from plumbline.model.ports.reports import KeptFindings, Reports, Tests
    from plumbline.model.ports.sources import Sources
    from plumbline.model.ports.storage import Keeping
    from plumbline.model.ports.telling import Tellings
    from plumbline.model.ports.tree import RepositoryCredentials, Tree, Variables


class InstanceSettings(Protocol):
    """A few values of the installation itself, by key."""

    def get(self, key: str) -> bytes | None: ...

    def put(self, key: str, value: bytes) -> None: ...

    def remove(self, key: str, expected: bytes) -> bool:
        """Remove it if it still has this value."""
        ...


class Transaction(Protocol):
    """Leaving it by an exception undoes all that was done in it."""

    @property
    def people(self) -> People: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def tokens(self) -> Tokens: ...
    @property
    def grants(self) -> Grants: ...
    @property
    def aliases(self) -> Aliases: ...
    @property
    def stars(self) -> Stars: ...
    @property
    def saved_views(self) -> SavedViews: ...
    @property
    def attempts(self) -> LoginAttempts: ...
    @property
    def variables(self) -> Variables: ...
    @property
    def repository_credentials(self) -> RepositoryCredentials: ...
    @property
    def tree(self) -> Tree: ...
    @property
    def settings(self) -> InstanceSettings: ...
    @property
    def pipelines(self) -> Pipelines: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def resources(self) -> Resources: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def merge_requests(self) -> MergeRequests: ...
    @property
    def deployments(self) -> Deployments: ...
    @property
    def schedules(self) -> Schedules: ...
    @property
    def bindings(self) -> Bindings: ...
    @property
    def keeping(self) -> Keeping: ...
    @property
    def sources(self) -> Sources: ...
    @property
    def repositories(self) -> Repositories: ...
    @property
    def artifacts(self) -> Artifacts: ...
    @property
    def robots(self) -> Robots: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def tests(self) -> Tests: ...
    @property
    def findings(self) -> KeptFindings: ...
    @property
    def rule_sets(self) -> RuleSets: ...
    @property
    def collections(self) -> Collections: ...
    @property
    def evaluations(self) -> Evaluations: ...
    @property
    def waivers(self) -> Waivers: ...
    @property
    def tellings(self) -> Tellings: ...

    def record(self, draft: EventDraft) -> None:
        """Put an event into the ledger with this transaction."""
        ...

    def append(self, drafts: Sequence[EventDraft]) -> Sequence[Entry]:
        """Put events into the ledger now, after those recorded so far; their entries, which are there when the
        transaction is. Raises as ``append`` of :class:`plumbline.model.ports.ledger.Ledger`."""
        ...

    def known(self, names: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Entry]:
        """The entries that there are of these (source, id)."""
        ...

    def filed(self, parts: Sequence[Stretch], limit: int) -> Sequence[Entry]:
        """The first entries that are filed in one of these parts of the ledger, in order: also those that this
        transaction recorded so far, and those that others did before it and that are not durable yet."""
        ...

    def ledger_size(self) -> int:
        """How many entries there are with those."""
        ...

    def afterwards(self, act: Callable[[], None]) -> None:
        """Call it when what was written is durable; not at all where it is undone."""
        ...


class Store(Protocol):
    """Opens transactions."""

    def change(self) -> AbstractContextManager[Transaction]:
        """For writing: durable when the block is left; one at a time, on PostgreSQL among all replicas."""
        ...

    def view(self) -> AbstractContextManager[Transaction]:
        """For reading only; sees one moment, waits for nobody."""
        ...

    def one_moment(self) -> AbstractContextManager[None]:
        """Views of this thread inside see the same moment and share a transaction; after a change by this thread the
        next one sees what is there then."""
        ...

    @property
    def readers(self) -> int:
        """How many may well read at once: more only take the interpreter from each other."""
        ...
