"""What a database says when it cannot, as refusals with their cure."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.kernel import Text

_SQLITE = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_NOTADB: "foreign",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_CANTOPEN: "read-only",
    sqlite3.SQLITE_PERM: "read-only",
}
UNUSABLE = "value-not-storable"
_POSTGRESQL = {
    "53100": "full",
    "55P03": "locked",
    "57014": "locked",
    "25006": "read-only",
    "XX001": "damaged",
    "54000": UNUSABLE,
}
_OF_SOME = {"08": "unreachable", "28": "refused", "3D": "refused", "57P": "unreachable", "53": "busy"}


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
        raise _told(UNUSABLE, place, str(error)) from error
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
        return _told("busy", place, str(error))
    original = error.orig if isinstance(error, DBAPIError) else error
    reason = str(original).strip().partition("\n")[0]
    if isinstance(original, sqlite3.Error):
        code = getattr(original, "sqlite_errorcode", None)
        kind = _SQLITE.get(code & 0xFF, "") if code is not None else ""
        if not kind and isinstance(original, sqlite3.OperationalError) and (code or 0) & 0xFF == sqlite3.SQLITE_IOERR:
            kind = "failed"
        return _told(kind, place, reason) if kind else None
    if isinstance(error, DataError):
        return _told(UNUSABLE, place, reason)
    if isinstance(error, DBAPIError):
        state = getattr(original, "sqlstate", None) or ""
        kind = _POSTGRESQL.get(state) or next((k for start, k in _OF_SOME.items() if state.startswith(start)), "")
        if not kind and not state and type(original).__name__ in ("OperationalError", "ConnectionTimeout"):
            kind = "unreachable"
        if not kind and type(original).__name__ in ("DeadlockDetected", "SerializationFailure"):
            kind = "locked"
        return _told(kind, place, reason) if kind else None
    return None


def _told(kind: str, place: str, reason: str) -> PlumblineError:
    messages: dict[str, tuple[str, Text, Text]] = {
        "locked": (
            "store-locked",
            t("{place} is locked by another process", place=place),
            t("wait until it has finished, or end it; then repeat what you did"),
        ),
        "full": (
            "disk-full",
            t("no space left on the device while writing {path}", path=place),
            t("free some space; nothing of this change was kept, and it can be repeated"),
        ),
        "foreign": (
            "store-not-a-database",
            t("{place} is not a database", place=place),
            t("choose another data folder with --data, or restore a backup with `plumb restore`"),
        ),
        "damaged": (
            "store-damaged",
            t("{place} is damaged: {reason}", place=place, reason=reason),
            t("keep a copy of it, and restore the newest backup with `plumb restore`"),
        ),
        "read-only": (
            "store-read-only",
            t("{place} cannot be written: {reason}", place=place, reason=reason),
            t("check the owner and the permissions of the folder, or choose another one with --data"),
        ),
        "unreachable": (
            "store-unreachable",
            t("no connection to {place}: {reason}", place=place, reason=reason),
            t("check that the database server runs and that the address is right"),
        ),
        "refused": (
            "store-refused",
            t("{place} does not let us in: {reason}", place=place, reason=reason),
            t("check the user, the password and the name of the database in its address"),
        ),
        "busy": (
            "store-busy",
            t("{place} has no connection left for us: {reason}", place=place, reason=reason),
            t("repeat it in a moment, or allow more connections"),
        ),
        "failed": (
            "storage-failed",
            t("cannot write {path}: {reason}", path=place, reason=reason),
            t("look into the system's log for what is wrong with the disk"),
        ),
    }
    if kind == UNUSABLE:
        return PlumblineError(
            UNUSABLE,
            t("What was sent has a value that cannot be kept: {reason}", reason=reason),
            t("Leave out NUL characters and numbers of more than 18 digits, and send it again."),
            kind=ErrorKind.CONFIGURATION,
        )
    return PlumblineError(*messages[kind])
