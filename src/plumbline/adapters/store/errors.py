"""What a database says when it cannot, as refusals with their cure."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from plumbline.adapters.store import refusals
from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from collections.abc import Iterator

_Refusal = Callable[[str, str], PlumblineError]  # of a place and a reason

_SQLITE: dict[int, _Refusal] = {
    sqlite3.SQLITE_BUSY: refusals.locked,
    sqlite3.SQLITE_LOCKED: refusals.locked,
    sqlite3.SQLITE_FULL: refusals.full,
    sqlite3.SQLITE_NOTADB: refusals.not_a_database,
    sqlite3.SQLITE_CORRUPT: refusals.damaged,
    sqlite3.SQLITE_READONLY: refusals.read_only,
    sqlite3.SQLITE_CANTOPEN: refusals.read_only,
    sqlite3.SQLITE_PERM: refusals.read_only,
}
_POSTGRESQL: dict[str, _Refusal] = {  # by the beginning of their state; the first that fits
    "53100": refusals.full,
    "55P03": refusals.locked,
    "57014": refusals.locked,
    "25006": refusals.read_only,
    "XX001": refusals.damaged,
    "42P01": refusals.damaged,  # a table that is not there
    "54000": refusals.unusable,
    "08": refusals.unreachable,
    "28": refusals.not_let_in,
    "3D": refusals.not_let_in,
    "57P": refusals.unreachable,
    "53": refusals.busy,
}
_WITHOUT_STATE: dict[str, _Refusal] = {  # what the driver finds out by itself
    "OperationalError": refusals.unreachable,
    "ConnectionTimeout": refusals.unreachable,
}
_AGAINST_OTHERS = ("DeadlockDetected", "SerializationFailure")


@contextmanager
def telling(place: str) -> Iterator[None]:
    """Turn what a database reports below into a PlumblineError. ``place``: the file or the address, for people.

    A violated constraint passes: the caller knows what it means. So does a mistake in a statement: it is a bug. A value
    that no column holds (a NUL, a number beyond 64 bits) is neither: somebody sent it.
    """
    try:
        yield
    except IntegrityError:
        raise
    except OverflowError as error:  # SQLite's driver says it of numbers beyond 64 bits
        raise refusals.unusable(place, str(error)) from error
    except (SQLAlchemyError, sqlite3.Error) as error:
        told = refusal(error, place)
        if told is None:
            raise
        raise told from error


def refusal(error: BaseException | None, place: str) -> PlumblineError | None:
    """The refusal that stands for a database's error; None for what is a bug.

    A full disk, for one, ends SQLite's transaction, and then undoing it fails as well: what came first counts.
    """
    found = None
    while error is not None:
        found = _refusal(error, place) or found
        error = error.__context__
    return found


def _refusal(error: BaseException, place: str) -> PlumblineError | None:
    if isinstance(error, PoolTimeout):
        return refusals.busy(place, str(error))
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, sqlite3.Error):
        made = _of_sqlite(original)
    elif isinstance(error, DataError):
        made = refusals.unusable
    elif isinstance(error, DBAPIError):
        made = _of_postgresql(original)
    else:
        made = None
    return made(place, str(original).strip().partition("\n")[0]) if made else None


def _of_sqlite(error: sqlite3.Error) -> _Refusal | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    if code == sqlite3.SQLITE_ERROR and str(error).startswith("no such table"):
        return refusals.damaged
    if code & 0xFF == sqlite3.SQLITE_IOERR and isinstance(error, sqlite3.OperationalError):
        return refusals.failed
    return _SQLITE.get(code & 0xFF)


def _of_postgresql(error: BaseException | None) -> _Refusal | None:
    state, name = getattr(error, "sqlstate", None) or "", type(error).__name__
    if name in _AGAINST_OTHERS:
        return refusals.locked
    if not state:
        return _WITHOUT_STATE.get(name)
    return next((made for start, made in _POSTGRESQL.items() if state.startswith(start)), None)
