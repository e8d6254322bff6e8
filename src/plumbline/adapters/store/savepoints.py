"""Savepoints in plain words: there are two for every event."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from plumbline.adapters.store.plain import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


@contextmanager
def savepoint(connection: Connection, name: str) -> Iterator[None]:
    """An exception in the block undoes what was written in it."""
    ask(connection, f"savepoint {name}")
    try:
        yield
    except BaseException as error:
        try:
            roll_back(connection, name)
        except SQLAlchemyError:  # the whole transaction is over; what ended it is told, unless somebody would go on
            if isinstance(error, IntegrityError):
                raise
        raise
    ask(connection, f"release savepoint {name}")


def roll_back(connection: Connection, name: str) -> None:
    ask(connection, f"rollback to savepoint {name}")
    ask(connection, f"release savepoint {name}")
