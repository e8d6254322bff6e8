"""A new store begins only where none was: a second history under the same key would be one that nobody can tell from
the first."""

from __future__ import annotations

import os
import time

from plumbline.adapters.folders import private_folder, storing
from plumbline.kernel import ErrorKind, PlumblineError, t

BACKUPS = "backups"  # in the data folder
REPLACED = "replaced-"  # how the name of a folder in it begins that holds what something else took the place of
# What only a server leaves behind that had a database.
_TRACES = ("ledger-key", "witness-key", "keys", "logs", "artifacts", "hooks")
# The keys open what older backups hold, and are in none of them; runs of `plumb run` and settings are no history.
_STAYS = frozenset({BACKUPS, "keys", "local", "checkpoints.toml"})
_NAMED = 3  # backups that are named


def check_beginning(data: str) -> None:
    """Raises PlumblineError ``database-gone`` where a server was before whose database is not there any more."""
    traces = [name for name in _TRACES if os.path.lexists(os.path.join(data, name))]
    if not traces:
        return
    found = _backups(data)
    where = t("Backups are here: {paths}.", paths=", ".join(found)) if found else t(
        "There is no backup in {folder}; look where `plumb backup` writes them.", folder=os.path.join(data, BACKUPS)
    )  # fmt: skip
    raise PlumblineError(
        "database-gone",
        t("A server was in {folder} ({names}), and its database is not there any more.", folder=data,
          names=", ".join(traces)),
        t("Put the database back, or a backup with `plumb restore FILE --force`. {where} Only if a new beginning is "
          "meant: `plumb up --begin-anew` sets all of this aside and makes a new ledger key.", where=where),
        kind=ErrorKind.REFUSED,
    )  # fmt: skip


def set_aside(data: str, names: list[str]) -> str:
    """Move these out of the data folder into a new one below ``backups/``; its path, empty where there was nothing."""
    if not names:
        return ""
    aside = os.path.join(data, BACKUPS, f"{REPLACED}{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    with storing(aside):
        private_folder(aside)
        for name in names:
            os.rename(os.path.join(data, name), os.path.join(aside, name))
    return aside


def begin_anew(data: str) -> str:
    """Set aside what a server left whose database is gone; where it is now, empty where there was nothing."""
    there = os.listdir(data) if os.path.isdir(data) else []
    return set_aside(data, sorted(name for name in there if not name.startswith(".") and name not in _STAYS))


def _backups(data: str) -> list[str]:
    """The newest first: whole data folders that were replaced, and databases from before upgrades."""
    folder = os.path.join(data, BACKUPS)
    names = sorted(os.listdir(folder), key=lambda name: name.rpartition("-")[2]) if os.path.isdir(folder) else []
    return [os.path.join(folder, name) for name in reversed(names)][:_NAMED]
