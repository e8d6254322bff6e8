"""What is wrong with a database, and how to mend it. ``place``: its file or its address, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.kernel import Text

UNUSABLE = "value-not-storable"


def locked(place: str, _reason: str) -> PlumblineError:
    return PlumblineError(
        "store-locked",
        t("{place} is locked by another process", place=place),
        t("wait until it has finished, or end it; then repeat what you did"),
    )


def full(place: str, _reason: str) -> PlumblineError:
    return PlumblineError(
        "disk-full",
        t("no space left on the device while writing {path}", path=place),
        t("free some space; nothing of this change was kept, and it can be repeated"),
    )


def failed(place: str, reason: str) -> PlumblineError:
    return PlumblineError(
        "storage-failed",
        t("cannot write {path}: {reason}", path=place, reason=reason),
        t("look into the system's log for what is wrong with the disk"),
    )


def read_only(place: str, reason: str | Text) -> PlumblineError:
    return _not_permitted(t("{place} cannot be written: {reason}", place=place, reason=reason))


def unreadable(place: str, reason: str) -> PlumblineError:
    return _not_permitted(t("{place} cannot be read: {reason}", place=place, reason=reason))


def _not_permitted(message: Text) -> PlumblineError:
    hint = t("check the owner and the permissions of the folder, or choose another one with --data")
    return PlumblineError("store-read-only", message, hint)


def not_a_database(place: str, _reason: str = "") -> PlumblineError:
    return PlumblineError(
        "store-not-a-database",
        t("{place} is not a database", place=place),
        t("choose another data folder with --data, or restore a backup with `plumb restore`"),
    )


def foreign(place: str) -> PlumblineError:
    return PlumblineError(
        "store-foreign",
        t("{place} is the database of another program", place=place),
        t("choose another data folder with --data, or another database"),
    )


def damaged(place: str, reason: str) -> PlumblineError:
    return PlumblineError(
        "store-damaged",
        t("{place} is damaged: {reason}", place=place, reason=reason),
        t("keep a copy of it, and restore the newest backup with `plumb restore`"),
    )


def unreachable(place: str, reason: str) -> PlumblineError:
    return PlumblineError(
        "store-unreachable",
        t("no connection to {place}: {reason}", place=place, reason=reason),
        t("check that the database server runs and that the address is right"),
    )


def not_let_in(place: str, reason: str) -> PlumblineError:
    return PlumblineError(
        "store-refused",
        t("{place} does not let us in: {reason}", place=place, reason=reason),
        t("check the user, the password and the name of the database in its address"),
    )


def busy(place: str, reason: str) -> PlumblineError:
    return PlumblineError(
        "store-busy",
        t("{place} has no connection left for us: {reason}", place=place, reason=reason),
        t("repeat it in a moment, or allow more connections"),
    )


def broken(first: int, last: int) -> PlumblineError:
    return PlumblineError(
        "ledger-broken",
        t("What is kept for proofs over the entries {first} to {last} was changed.", first=first, last=last),
        t("`plumb ledger verify` says what is wrong."),
        kind=ErrorKind.REFUSED,
    )


def unusable(_place: str, reason: str) -> PlumblineError:
    return PlumblineError(
        UNUSABLE,
        t("What was sent has a value that cannot be kept: {reason}", reason=reason),
        t("Leave out NUL characters and numbers of more than 18 digits, and send it again."),
        kind=ErrorKind.CONFIGURATION,
    )
