"""Transactions that only read: one for each view, or one for all views of a thread while it says so."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from plumbline.adapters.store.errors import telling
from plumbline.adapters.store.transaction import SqlTransaction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine


class Reading:
    """Safe to use from several threads."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = place
        self._of_thread = _OfThread()

    def view(self) -> AbstractContextManager[SqlTransaction]:
        """Sees one moment; the one of the block :meth:`shared` where the thread is in one."""
        shared = self._of_thread.shared
        return self._alone() if shared is None else shared

    @contextmanager
    def _alone(self) -> Iterator[SqlTransaction]:
        with telling(self._place), self._engine.connect() as connection:
            yield SqlTransaction(connection, None)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """As :meth:`view`, bare."""
        with self.view() as tx:
            yield tx.connection

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Views of this thread inside are one transaction, until the thread changes something."""
        if self._of_thread.shared is not None:
            yield
            return
        shared = self._of_thread.shared = _Shared(self._engine, self._place)
        try:
            yield
        finally:
            self._of_thread.shared = None
            shared.close()

    def changed(self) -> None:
        """This thread changed something: its next view sees it."""
        if self._of_thread.shared is not None:
            self._of_thread.shared.outdated = True


class _Shared:
    """The transaction that the views of a thread have in common. It begins with the first of them."""

    def __init__(self, engine: Engine, place: str) -> None:
        self.outdated = False
        self._readers = 0
        self._engine = engine
        self._place = place
        self._connection: Connection | None = None
        self._records: SqlTransaction | None = None

    def __enter__(self) -> SqlTransaction:
        if self.outdated and not self._readers:  # nobody else is reading from it
            self.close()
        if self._records is None:
            with telling(self._place):
                self._connection = self._engine.connect()
            self._records = SqlTransaction(self._connection, None)
            self.outdated = False
        self._readers += 1
        return self._records

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._readers -= 1
        if error is not None:
            self.outdated = True  # PostgreSQL answers nothing more in a transaction that met an error
            with telling(self._place):
                raise error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._records = None


class _OfThread(threading.local):
    shared: _Shared | None = None
