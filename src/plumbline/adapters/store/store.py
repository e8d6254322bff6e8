"""The store: one database, opened."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from plumbline.adapters.store.appending import Appender
from plumbline.adapters.store.engine import READERS
from plumbline.adapters.store.ledger import SqlLedger
from plumbline.adapters.store.reading import Reading
from plumbline.adapters.store.transaction import SqlTransaction
from plumbline.adapters.store.version import stored_revision
from plumbline.adapters.store.writer import Writer
from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

    from plumbline.adapters.store.engine import Engines


_TRIED, _LARGE = "tried-to-write", 64 << 10  # setting


def now() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000


class Store:
    """Implements ``Store`` and ``Store`` of :mod:`plumbline.model`; ``ledger`` is its Ledger.

    Safe to use from several threads; those that write at the same time share a commit.
    """

    def __init__(self, engines: Engines, clock: Callable[[], int] = now, missing: frozenset[str] = frozenset()) -> None:
        """``missing``: tables that an older revision does not have, and that stand empty in their place."""
        self.engines = engines
        self.clock = clock
        self._appender = Appender(clock)
        self._reading = Reading(engines.reader, engines.place)
        self._writer = Writer(
            engines.writer, engines.place, self._appender, self._reading.changed, frozen=engines.frozen
        )
        self.ledger = SqlLedger(self._writer, self._appender, self.reading, missing)

    @property
    def place(self) -> str:
        """The file or the address, for people; without its password."""
        return self.engines.place

    @property
    def frozen(self) -> bool:
        """Only to be read: it is on a medium that takes no writes, or of an older revision."""
        return self.engines.frozen

    @property
    def readers(self) -> int:
        """How many may well read at once. With a file nobody waits for anything but the interpreter."""
        return 1 if self.engines.sqlite else READERS // 2

    @contextmanager
    def change(self) -> Iterator[SqlTransaction]:
        """For writing: durable when the block is left, together with the events recorded in it.

        One at a time, so nothing slow belongs into the block, and no other change. Leaving it by an exception undoes
        what was done in it.
        """
        with self._writer.turn() as connection:
            records = SqlTransaction(connection, self._appender)
            yield records
            records.close()
        records.committed()

    def view(self) -> AbstractContextManager[SqlTransaction]:
        """For reading only; sees one moment, waits for nobody."""
        return self._reading.view()

    def one_moment(self) -> AbstractContextManager[None]:
        """Views of this thread inside see the same moment and share a transaction; after a change by this thread the
        next one sees what is there then."""
        return self._reading.shared()

    def revision(self) -> str | None:
        """Of the tables as they are now: another process may have brought them up to date. Raises as opening does."""
        with self.reading() as connection:
            return stored_revision(connection, self.place)

    def trouble(self) -> PlumblineError | None:
        """Why nothing can be written to its disk, where that failed before. Only writing says whether it is over, and
        something small may go well where more does not."""
        if self._writer.trouble is None:
            return None
        try:
            with self.change() as tx:
                tx.settings.put(_TRIED, os.urandom(_LARGE))
            with self.change() as tx:
                tx.settings.put(_TRIED, b"")
        except PlumblineError as error:
            return error
        self._writer.trouble = None
        return None

    def close(self) -> None:
        self.engines.close()

    def reading(self) -> AbstractContextManager[Connection]:
        """A bare connection for reading."""
        return self._reading.connection()
