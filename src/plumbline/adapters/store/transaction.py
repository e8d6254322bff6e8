"""All that the server keeps, in one transaction. Implements :class:`plumbline.model.ports.transaction.Transaction`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from plumbline.adapters.store.appending import entries_of, head_of, rows_of
from plumbline.adapters.store.artifacts import SqlArtifacts
from plumbline.adapters.store.credentials import SqlRepositoryCredentials
from plumbline.adapters.store.deliveries import SqlDeliveries
from plumbline.adapters.store.deployments import SqlDeployments
from plumbline.adapters.store.findings import SqlFindings
from plumbline.adapters.store.gates import SqlCollections, SqlEvaluations, SqlRuleSets, SqlWaivers
from plumbline.adapters.store.jobs import SqlJobs, SqlResources
from plumbline.adapters.store.keeping import SqlKeeping
from plumbline.adapters.store.merge_requests import SqlMergeRequests
from plumbline.adapters.store.people import SqlAliases, SqlGrants, SqlLoginAttempts, SqlPeople, SqlSessions, SqlTokens
from plumbline.adapters.store.personal import SqlSavedViews, SqlStars
from plumbline.adapters.store.pipelines import SqlPipelines
from plumbline.adapters.store.reports import SqlReports
from plumbline.adapters.store.repositories import SqlRepositories
from plumbline.adapters.store.robots import SqlRobots
from plumbline.adapters.store.schedules import SqlBindings, SqlSchedules
from plumbline.adapters.store.sources import SqlSources
from plumbline.adapters.store.stretches import filed
from plumbline.adapters.store.tellings import SqlTellings
from plumbline.adapters.store.test_runs import SqlTests
from plumbline.adapters.store.tree import SqlSettings, SqlTree, SqlVariables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection

    from plumbline.adapters.store.appending import Appender
    from plumbline.model.event import Entry, EventDraft
    from plumbline.model.moves import Stretch


class SqlTransaction:
    """One transaction. ``record`` only where it may write."""

    def __init__(self, connection: Connection, appender: Appender | None) -> None:
        self.connection = connection
        self._appender = appender
        self._drafts: list[EventDraft] = []
        self._after: list[Callable[[], None]] = []

    @cached_property
    def people(self) -> SqlPeople:
        return SqlPeople(self.connection)

    @cached_property
    def sessions(self) -> SqlSessions:
        return SqlSessions(self.connection)

    @cached_property
    def tokens(self) -> SqlTokens:
        return SqlTokens(self.connection)

    @cached_property
    def grants(self) -> SqlGrants:
        return SqlGrants(self.connection)

    @cached_property
    def aliases(self) -> SqlAliases:
        return SqlAliases(self.connection)

    @cached_property
    def stars(self) -> SqlStars:
        return SqlStars(self.connection)

    @cached_property
    def saved_views(self) -> SqlSavedViews:
        return SqlSavedViews(self.connection)

    @cached_property
    def attempts(self) -> SqlLoginAttempts:
        return SqlLoginAttempts(self.connection)

    @cached_property
    def variables(self) -> SqlVariables:
        return SqlVariables(self.connection)

    @cached_property
    def repository_credentials(self) -> SqlRepositoryCredentials:
        return SqlRepositoryCredentials(self.connection)

    @cached_property
    def tree(self) -> SqlTree:
        return SqlTree(self.connection)

    @cached_property
    def pipelines(self) -> SqlPipelines:
        return SqlPipelines(self.connection)

    @cached_property
    def jobs(self) -> SqlJobs:
        return SqlJobs(self.connection)

    @cached_property
    def resources(self) -> SqlResources:
        return SqlResources(self.connection)

    @cached_property
    def deliveries(self) -> SqlDeliveries:
        return SqlDeliveries(self.connection)

    @cached_property
    def merge_requests(self) -> SqlMergeRequests:
        return SqlMergeRequests(self.connection)

    @cached_property
    def deployments(self) -> SqlDeployments:
        return SqlDeployments(self.connection)

    @cached_property
    def schedules(self) -> SqlSchedules:
        return SqlSchedules(self.connection)

    @cached_property
    def bindings(self) -> SqlBindings:
        return SqlBindings(self.connection)

    @cached_property
    def keeping(self) -> SqlKeeping:
        return SqlKeeping(self.connection)

    @cached_property
    def sources(self) -> SqlSources:
        return SqlSources(self.connection)

    @cached_property
    def repositories(self) -> SqlRepositories:
        return SqlRepositories(self.connection)

    @cached_property
    def artifacts(self) -> SqlArtifacts:
        return SqlArtifacts(self.connection)

    @cached_property
    def robots(self) -> SqlRobots:
        return SqlRobots(self.connection)

    @cached_property
    def rule_sets(self) -> SqlRuleSets:
        return SqlRuleSets(self.connection)

    @cached_property
    def collections(self) -> SqlCollections:
        return SqlCollections(self.connection)

    @cached_property
    def evaluations(self) -> SqlEvaluations:
        return SqlEvaluations(self.connection)

    @cached_property
    def waivers(self) -> SqlWaivers:
        return SqlWaivers(self.connection)

    @cached_property
    def tellings(self) -> SqlTellings:
        return SqlTellings(self.connection)

    @cached_property
    def reports(self) -> SqlReports:
        return SqlReports(self.connection)

    @cached_property
    def tests(self) -> SqlTests:
        return SqlTests(self.connection)

    @cached_property
    def findings(self) -> SqlFindings:
        return SqlFindings(self.connection)

    @cached_property
    def settings(self) -> SqlSettings:
        return SqlSettings(self.connection)

    def record(self, draft: EventDraft) -> None:
        if self._appender is None:
            raise RuntimeError("an event in a transaction that only reads")
        self._drafts.append(draft)

    def append(self, drafts: Sequence[EventDraft]) -> list[Entry]:
        if self._appender is None:
            raise RuntimeError("an event in a transaction that only reads")
        self.close()
        return self._appender.append(self.connection, drafts) if drafts else []

    def known(self, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Entry]:
        self.close()
        found = rows_of(self.connection, names)
        return dict(zip(found, entries_of(list(found.values())), strict=True))

    def filed(self, parts: Sequence[Stretch], limit: int) -> list[Entry]:
        self.close()
        if not parts:
            return []
        return filed(self.connection, parts, limit)

    def ledger_size(self) -> int:
        self.close()
        return head_of(self.connection)[0]

    def afterwards(self, act: Callable[[], None]) -> None:
        self._after.append(act)

    def committed(self) -> None:
        for act in self._after:
            act()

    def close(self) -> None:
        """Append what was recorded, all at once."""
        drafts, self._drafts = self._drafts, []
        if self._appender is not None and drafts:
            self._appender.append(self.connection, drafts)
