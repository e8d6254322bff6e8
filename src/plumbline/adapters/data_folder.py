"""The server's own files: where each is, and how it goes when nobody needs it any longer."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import stat
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from plumbline.adapters.folders import remove_tree, take_over
from plumbline.model.keeping import KeptKind, PendingDeletion

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

MIRRORS, WORK, HOOKS, BLOBS = "mirrors", "work", "hooks", "oci"
ARTIFACTS, LOGS, CACHES = KeptKind.ARTIFACTS.value, KeptKind.LOGS.value, KeptKind.CACHES.value
_ROOM = 16 << 20  # bytes that are kept for a full disk
_ENOUGH = 1 << 30  # bytes free, from which on they are
_OF_PROJECTS = {CACHES: "", MIRRORS: ".git", HOOKS: ".secret"}  # how the name of what a project has there ends
_TOOLS = ".tools"  # how the name of a folder ends that package managers keep files in
_AWAY = ".away-"  # how the name of a folder begins that is being removed
_OLD = 24 * 3600  # seconds after which nobody works any more on what is half made
_QUIET = 3600  # seconds in which a server that lives has made a working copy, or given a sign of life
_log = logging.getLogger(__name__)


def log_path(data: str, pipeline: int, job: int) -> str:
    """Where the log of one attempt is, from its first byte on; only ever appended to."""
    return f"{data}/{LOGS}/{pipeline}/{job}.log"


def artifact_folder(data: str, job: int) -> str:
    return f"{data}/{ARTIFACTS}/{job // 1000}/{job}"


def tool_caches(data: str, project: int, *, protected: bool) -> str:
    """The folder that package managers of a project's jobs keep what they fetched in. Jobs of refs that anybody may
    push to have one of their own, so that they cannot change what those of protected ones find. The folder above it is
    what says when it was used, since jobs can change this one's own time."""
    return f"{data}/{CACHES}/{project}/{tool_cache_name(protected=protected)}"


def tool_cache_name(*, protected: bool) -> str:
    return f"{'protected' if protected else 'non_protected'}{_TOOLS}/files"


def make_private(data: str) -> None:
    """Nobody else reads what is in the data folder, whoever made it and with whatever rights."""
    names = [MIRRORS, WORK, BLOBS, ARTIFACTS, LOGS, CACHES, "backups", HOOKS, "packs", "local", "plumbline.db"]
    take_over(data, [*names, "plumbline.db-wal", "plumbline.db-shm"])


class LocalDataFolder:
    """Implements :class:`plumbline.model.DataFolder`."""

    def __init__(self, data: str) -> None:
        self._data = data
        self._room = f"{data}/.room"

    def size(self, leftover: PendingDeletion) -> int:
        path = self._path(leftover)
        try:
            return _size_below(path) if leftover.name.endswith(_TOOLS) else os.lstat(path).st_size
        except OSError:
            return 0

    def remove(self, leftover: PendingDeletion) -> bool:
        path = self._path(leftover)
        if (link := self._link_above(path)) is not None:
            _log.warning("a link is in the way", extra={"fields": {"path": link}})
            return False
        if leftover.stamp and _used(path) != leftover.stamp:
            return True
        if not remove_tree(path):
            return False
        if leftover.kind is KeptKind.LOGS:
            with suppress(OSError):  # others are in it
                os.rmdir(os.path.dirname(path))
        return True

    def old_caches(self, project: int, used_before: int) -> Sequence[PendingDeletion]:
        folder = f"{self._data}/{CACHES}/{project}"
        found = []
        for entry in _entries(folder) if self._link_above(f"{folder}/-") is None else ():
            of_tools = entry.name.endswith(_TOOLS) and entry.is_dir(follow_symlinks=False)
            if not of_tools and not entry.is_file(follow_symlinks=False):
                continue
            with suppress(OSError):
                info = entry.stat(follow_symlinks=False)
                if info.st_mtime_ns < used_before * 1000 and entry.name.isascii():
                    name = f"{project}/{entry.name}"
                    size = _size_below(entry.path) if of_tools else info.st_size
                    found.append(PendingDeletion(kind=KeptKind.CACHES, name=name, size=size, stamp=info.st_mtime_ns))
        return sorted(found, key=lambda one: one.stamp)

    def tidy(self, servers: Collection[str]) -> None:
        now = time.time()
        work = f"{self._data}/{WORK}"
        for entry in _folders(work) if self._link_above(f"{work}/-") is None else ():
            if entry.name.startswith(_AWAY):
                remove_tree(entry.path)
            elif entry.name not in servers and _changed(entry) < now - _QUIET:
                self._take_away(entry.path)
        mirrors = f"{self._data}/{MIRRORS}"
        for entry in _folders(mirrors) if self._link_above(f"{mirrors}/-") is None else ():
            if entry.name.startswith(".") and entry.name.endswith(".tmp") and _changed(entry) < now - _OLD:
                remove_tree(entry.path)

    def projects(self) -> Collection[int]:
        found = set()
        for kind, ending in _OF_PROJECTS.items():
            folder = f"{self._data}/{kind}"
            for entry in _entries(folder) if self._link_above(f"{folder}/-") is None else ():
                name = entry.name.removesuffix(ending)
                if name.isascii() and name.isdigit() and entry.name == name + ending:
                    found.add(int(name))
        return found

    def remove_project(self, project: int) -> None:
        for kind, ending in _OF_PROJECTS.items():
            path = f"{self._data}/{kind}/{project}{ending}"
            if self._link_above(path) is None:
                remove_tree(path)

    def make_room(self) -> bool:
        try:
            os.unlink(self._room)
        except OSError:
            return False
        return True

    def keep_room(self) -> None:
        with suppress(OSError):
            if os.path.lexists(self._room) or shutil.disk_usage(self._data).free < _ENOUGH:
                return
            descriptor = os.open(self._room, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                if hasattr(os, "posix_fallocate"):  # not on macOS
                    os.posix_fallocate(descriptor, 0, _ROOM)
            finally:
                os.close(descriptor)

    def _path(self, leftover: PendingDeletion) -> str:
        """Names are ours, and still none leads out of its folder."""
        parts = leftover.name.split("/")
        if not all(part and part.isprintable() and part.strip(".") for part in parts):
            raise ValueError(leftover.name)
        if leftover.kind is KeptKind.ARTIFACTS:
            return artifact_folder(self._data, int(leftover.name))
        if leftover.kind is KeptKind.LOGS:
            pipeline, job = map(int, parts)
            return log_path(self._data, pipeline, job)
        project, name = parts
        return f"{self._data}/{CACHES}/{int(project)}/{name}"

    def _link_above(self, path: str) -> str | None:
        """The folder between the data folder and a path that is no folder of ours but a link."""
        above = self._data
        for part in os.path.relpath(path, self._data).split("/")[:-1]:
            above = f"{above}/{part}"
            with suppress(OSError):
                if stat.S_ISLNK(os.lstat(above).st_mode):
                    return above
        return None

    def _take_away(self, path: str) -> None:
        """In one step, so that what dies meanwhile is found by the next look."""
        away = f"{os.path.dirname(path)}/{_AWAY}{secrets.token_hex(6)}"
        with suppress(OSError):
            os.rename(path, away)
            remove_tree(away)


def _used(path: str) -> int:
    try:
        return os.lstat(path).st_mtime_ns
    except OSError:
        return 0


def _changed(entry: os.DirEntry[str]) -> float:
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except OSError:
        return time.time()


def _size_below(folder: str) -> int:
    """Bytes of the files in a folder that others write to."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += os.lstat(f"{place}/{name}").st_size
    return size


def _folders(folder: str) -> Iterator[os.DirEntry[str]]:
    return (entry for entry in _entries(folder) if entry.is_dir(follow_symlinks=False))


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
