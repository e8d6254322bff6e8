"""One transaction for many threads: the last in line commits for all of them, and all learn of it together. The rules:

1. One thread has the turn at a time; whoever asks for a turn inside its own is refused.
2. A turn that fails undoes what it wrote itself, and nothing of the others.
3. When the database fails, nothing of the whole transaction is kept, and every turn in it is told so.
4. A turn ends for its thread when what it wrote is durable, not before.
5. The last in line commits; so does whoever finds the transaction too long or too large.
6. What is known of the database by heart is forgotten whenever it may not be so any more.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from threading import Event, Lock, get_ident
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from plumbline.adapters.store import refusals
from plumbline.adapters.store.errors import refusal, telling
from plumbline.adapters.store.plain import ask
from plumbline.adapters.store.refusals import UNUSABLE
from plumbline.adapters.store.savepoints import roll_back
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

LONGEST = 0.03  # seconds that a transaction stays open for those in line; a commit costs some milliseconds of its own
LARGEST = 256  # turns in one transaction
_DISK = frozenset({"disk-full", "storage-failed", "store-read-only"})


class Follows(Protocol):
    """Knows something of the database by heart, and is told when it may have changed."""

    def begin(self, connection: Connection) -> None: ...

    def forget(self) -> None: ...


class _Group:
    """Turns that share a transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.transaction = connection.begin()
        self.since = time.monotonic()
        self.turns = 0
        self.done = Event()
        self.error: BaseException | None = None


class Writer:
    """Gives threads turns on the one connection that writes. Across processes SQLite's write lock, on PostgreSQL an
    advisory lock, keeps groups apart: a group sees everything that was committed before it."""

    def __init__(
        self, engine: Engine, place: str, follower: Follows, changed: Callable[[], None], *, frozen: bool = False
    ) -> None:
        """``changed`` is called in a thread whose turn was committed. ``frozen``: nobody gets a turn."""
        self._frozen = frozen
        self._engine = engine
        self._place = place
        self._follower = follower
        self._changed = changed
        self._turn = Lock()
        self._count = Lock()
        self._in_line = 0
        self._group: _Group | None = None
        self._owner = 0
        self.trouble: PlumblineError | None = None  # with the disk, until somebody finds that it is over

    @contextmanager
    def turn(self) -> Iterator[Connection]:
        """A turn on the connection. What it wrote is durable when the block is left.

        An exception in the block undoes this turn only. PlumblineError when the database cannot: then nothing of the
        whole transaction was kept, and every turn in it is told so.
        """
        if self._frozen:
            raise refusals.read_only(self._place, t("it is only read, as it is"))
        if self._owner == get_ident():
            raise RuntimeError("a change inside a change: both would wait for each other")
        self._enter()
        group = None
        try:
            group = self._opened()
            with self._savepoint(group):
                yield group.connection
        except BaseException:
            self._leave(group, wait=False)
            raise
        self._leave(group, wait=True)
        self._changed()

    @contextmanager
    def _savepoint(self, group: _Group) -> Iterator[None]:
        """Undo what a failed turn wrote, or the whole group where the database failed."""
        begun = False
        try:
            with telling(self._place):
                ask(group.connection, "savepoint turn")
                begun = True
                yield
                ask(group.connection, "release savepoint turn")
        except BaseException as error:
            if _spoils(error) or not begun:
                self._fail(group, error)
            else:
                try:
                    roll_back(group.connection, "turn")
                    self._follower.begin(group.connection)
                except SQLAlchemyError:
                    self._fail(group, error)
            raise

    def _note(self, error: BaseException) -> None:
        found = error if isinstance(error, PlumblineError) else refusal(error, self._place)
        if found is not None and found.code in _DISK:
            self.trouble = found

    def _enter(self) -> None:
        with self._count:
            self._in_line += 1
        try:
            self._turn.acquire()
        except BaseException:  # interrupted; those before us count on us to commit
            self._turn.acquire()
            self._arrived()
            self._leave(self._group, wait=False)
            raise
        self._arrived()

    def _arrived(self) -> None:
        with self._count:
            self._in_line -= 1
        self._owner = get_ident()

    def _opened(self) -> _Group:
        """The group that is open, or a new one. Holds the turn."""
        if self._group is None:
            try:
                self._group = self._begun()
            except PlumblineError as error:
                self._note(error)
                raise
        self._group.turns += 1
        return self._group

    def _begun(self) -> _Group:
        with telling(self._place):
            connection = self._engine.connect()
            try:
                group = _Group(connection)
                self._follower.begin(connection)
            except BaseException:
                connection.close()
                raise
        return group

    def _leave(self, group: _Group | None, *, wait: bool) -> None:
        """Give up the turn: the last in line commits, the others wait for it."""
        self._owner = 0
        try:
            if group is not None and group is self._group and not self._goes_on(group):
                self._commit(group)
        finally:
            self._turn.release()
        if group is None or not wait:
            return
        group.done.wait()
        if group.error is not None:
            raise self._told(group.error) from group.error

    def _goes_on(self, group: _Group) -> bool:
        return self._in_line > 0 and group.turns < LARGEST and time.monotonic() - group.since < LONGEST

    def _commit(self, group: _Group) -> None:
        try:
            group.transaction.commit()
        except BaseException as error:  # noqa: BLE001  # every turn in the group is told
            self._fail(group, error)
        else:
            self._close(group)

    def _fail(self, group: _Group, error: BaseException) -> None:
        self._note(error)
        group.error = error
        self._follower.forget()
        self._close(group)

    def _close(self, group: _Group) -> None:
        self._group = None
        try:
            if group.error is not None:
                group.connection.invalidate(group.error)
            group.connection.close()
        except SQLAlchemyError:
            group.connection.invalidate()
        finally:
            group.done.set()

    def _told(self, error: BaseException) -> BaseException:
        if isinstance(error, PlumblineError):
            return PlumblineError(error.code, error.message, error.hint, kind=error.kind)
        return refusal(error, self._place) or RuntimeError("the transaction that this change was part of failed")


def _spoils(error: BaseException) -> bool:
    """Whether the database itself failed, so that the transaction is over for everybody in it."""
    if isinstance(error, PlumblineError) and error.code == UNUSABLE:
        return False  # of this turn alone; its savepoint undoes it
    cause = error.__cause__
    database = isinstance(cause, SQLAlchemyError) and not isinstance(cause, IntegrityError)
    return isinstance(error, PlumblineError) and database
