"""All that the store keeps, in one transaction. Implements ``Registry`` and ``Books`` of :mod:`plumbline.model`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from plumbline.adapters.store.books import SqlBooks
from plumbline.adapters.store.credentials import SqlRepositoryCredentials
from plumbline.adapters.store.people import SqlGrants, SqlLoginAttempts, SqlPeople, SqlSessions, SqlTokens
from plumbline.adapters.store.tree import SqlTree, SqlVariables

if TYPE_CHECKING:
    from plumbline.model.event import EventDraft


class SqlTransaction(SqlBooks):
    """People, their tree and its secrets, beside the books of pipelines."""

    def record(self, draft: EventDraft) -> None:
        if self._appender is None:
            raise RuntimeError("an event in a transaction that only reads")
        super().record(draft)

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
