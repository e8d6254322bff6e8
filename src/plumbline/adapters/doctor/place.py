"""The data folder and the files in it."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from plumbline.adapters.secrets import read_keys
from plumbline.kernel import PlumblineError, Text, t
from plumbline.model.health import Check, Health

LITTLE = 2 << 30  # bytes free below which builds soon fail
MUCH = 20 << 30  # bytes free that are never too few
SHARE = 20  # one in so many of the bytes of a disk has to be free
TOO_LITTLE = 256 << 20
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check_folder(folder: str) -> Check:
    """Whether the data folder is there, ours to write, and closed to others."""
    name = "data"
    try:
        found = os.stat(folder)
    except FileNotFoundError:
        return Check(
            name=name,
            health=Health.PROBLEM,
            message=t("The data folder {folder} is not there.", folder=folder),
            cure=t("Start the server once with `plumb up`, or name the right folder with --data."),
        )
    except OSError as error:
        return _unusable(name, folder, error.strerror or str(error))
    if not stat.S_ISDIR(found.st_mode):
        return _unusable(name, folder, t("it is not a folder"))
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return _unusable(name, folder, t("you have no permission"))
    if found.st_mode & stat.S_IWOTH:
        return Check(
            name=name,
            health=Health.PROBLEM,
            message=t("Everybody on this machine may write into {folder}.", folder=folder),
            cure=t("chmod o-w {folder}", folder=folder),
        )
    if found.st_mode & _OTHERS:
        return Check(
            name=name,
            health=Health.WARNING,
            message=t("Others on this machine may look into {folder}, where logs and artifacts are.", folder=folder),
            cure=t("chmod 700 {folder}", folder=folder),
        )
    return Check(name=name, health=Health.OK, message=t("The data folder is {folder}.", folder=folder))


def _unusable(name: str, folder: str, reason: object) -> Check:
    return Check(
        name=name,
        health=Health.PROBLEM,
        message=t("The data folder {folder} cannot be used: {reason}", folder=folder, reason=reason),
        cure=t("Check its owner and its permissions, or name another folder with --data."),
    )


def check_disk(folder: str) -> Check:
    """Whether there is room on the disk."""
    name = "disk"
    try:
        disk = shutil.disk_usage(folder)
    except OSError as error:
        return _unusable(name, folder, error.strerror or str(error))
    free, little = disk.free, max(LITTLE, min(MUCH, disk.total // SHARE))
    health = Health.PROBLEM if free < TOO_LITTLE else Health.WARNING if free < little else Health.OK
    message = t("{size} MiB are free for {folder}.", size=free >> 20, folder=folder)
    cure: Text | None = t(
        "Free some space, or move the data folder to a larger disk. What goes by itself, and when, the settings say: "
        "ci.artifacts_days, ci.logs_days, ci.caches_days."
    )
    if health is Health.OK:
        cure = None
    return Check(name=name, health=health, message=message, cure=cure)


def check_private(name: str, path: str) -> Check:
    """Whether a file of keys is there, holds keys, and nobody else can read it."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return Check(
            name=name,
            health=Health.PROBLEM,
            message=t("The key file {path} is not there.", path=path),
            cure=t("Put it back from where it is kept; a new server makes one when it starts."),
        )
    except OSError as error:
        return _unusable(name, path, error.strerror or str(error))
    if mode & _OTHERS:
        return Check(
            name=name,
            health=Health.PROBLEM,
            message=t("Others on this machine may read or write {path}.", path=path),
            cure=t("chmod 600 {path}; where others may have read it, make a new key.", path=path),
        )
    try:
        read_keys(Path(path))
    except PlumblineError as error:
        return Check(name=name, health=Health.PROBLEM, message=error.message, cure=error.hint)
    return Check(name=name, health=Health.OK, message=t("Only its owner can read {path}.", path=path))
