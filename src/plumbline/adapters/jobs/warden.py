"""Watches what running jobs take of the disk and of processor time; one thread for all of them.

Looking at every file of every job all the time would cost more than the jobs. So folders are looked at when the disk
has filled by so much that a job might have written too much, and otherwise the more seldom the longer that takes.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from plumbline.adapters.jobs.usage import Usage, unlinked_of, usage_of
from plumbline.kernel import t
from plumbline.model.job import FailureReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plumbline.adapters.processes import Cage
    from plumbline.kernel import Text
    from plumbline.model.job_setup import JobLimits

_ROUND = 0.25  # seconds between looks at all jobs
_OFTEN = 1.0  # seconds between looks at folders that are small
_SHARE = 0.02  # of the time that is spent on looking at the folders of a job
_BUDGET = 0.06  # seconds of each round that are spent on looking at folders
_IDLE = 20  # rounds without a job until the thread ends
_LOW = 2_000_000_000  # bytes that a disk should have left, a tenth of it where it is small
_LOW_PLACES = 20_000  # new files that a disk should have a place for, a tenth of all where they are few
_BLAMED = 64_000_000  # bytes, or
_BLAMED_FILES = 1000  # files: who has written less did not fill the disk
_CHOOSING = 2.0  # seconds that looking for the largest job may take
_ENDING = 15.0  # seconds for one job to go until another one has to
_log = logging.getLogger(__name__)


class Space(NamedTuple):
    """How a disk stands: bytes in use and left, places for files left; whether it has hardly any left."""

    used: int
    free: int
    places: int
    low: bool
    few_places: bool


class Watched:
    """A job under watch. ``reason`` and ``message`` are there once it has to end."""

    def __init__(self, folders: tuple[str, ...], limits: JobLimits, cage: Cage | None) -> None:
        self.folders, self.limits, self.cage = folders, limits, cage
        self.message: Text | None = None
        self.reason = FailureReason.SCRIPT
        self.usage = Usage(0, 0)
        self.looked = time.monotonic()  # when usage was known
        self.halted_at = 0.0
        self.walk: Iterator[Usage] | None = None
        self.disk = -1
        self.used = 0  # bytes of the disk then
        self.suspected = 0
        self.cost = 0.0  # seconds that the last look took

    def halted(self) -> bool:
        return self.message is not None

    def halt(self, message: Text, reason: FailureReason = FailureReason.SCRIPT) -> None:
        self.message, self.reason, self.halted_at = message, reason, time.monotonic()

    def may_have(self, used: int) -> int:
        """Bytes that the job has written at most, if nobody removed anything."""
        return self.usage.size + max(0, used - self.used)

    def look(self, used: int, until: float) -> bool:
        """Go on looking at the folders; whether they were seen to their end."""
        if self.walk is None:
            self.suspected = self.may_have(used)
            self.walk, self.used = usage_of(self.folders), used
            self.cost = 0.0
        seen, begun = Usage(0, 0), time.monotonic()
        for seen in self.walk:
            if self._is_too_much(seen):
                return True
            if time.monotonic() > until:
                self.cost += time.monotonic() - begun
                return False
        self.walk, self.looked = None, time.monotonic()
        self.cost += self.looked - begun
        if self.suspected > self.limits.workspace > 0 and self.cage:  # and it is not to be seen where
            seen = Usage(seen.size + unlinked_of(self.cage.processes()), seen.entries)
            self._is_too_much(seen)
        self.usage = seen
        return True

    def _is_too_much(self, seen: Usage) -> bool:
        limit = self.limits.workspace
        if not limit or seen.size <= limit:
            return False
        size = limit // 1_000_000
        self.halt(t("its working copy, home and temporary files exceed the limit of {size} MB", size=size))
        return True


class Warden:
    """Use the one of :func:`warden`."""

    def __init__(self) -> None:
        self._jobs: list[Watched] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._low_since: dict[int, float] = {}  # by disk

    def watch(self, folders: tuple[str, ...], limits: JobLimits, cage: Cage | None) -> Watched:
        """From now on, until :meth:`forget`."""
        job = Watched(folders, limits, cage)
        try:
            job.disk = os.lstat(folders[0]).st_dev
            job.used = _space(os.statvfs(folders[0])).used  # it is ours until its job begins
        except OSError:
            job.disk = -1
        with self._lock:
            self._jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="warden", daemon=True)
                self._thread.start()
        return job

    def forget(self, job: Watched) -> None:
        with self._lock:
            self._jobs.remove(job)

    def _run(self) -> None:
        idle = 0
        while True:
            time.sleep(_ROUND)
            with self._lock:
                jobs = list(self._jobs)
                idle = 0 if jobs else idle + 1
                if idle > _IDLE:
                    self._thread = None
                    return
            try:
                self.round(jobs)
            except Exception:  # noqa: BLE001 - told in full; without the thread no job would have a limit
                _log.exception("fault while jobs were watched")

    def round(self, jobs: list[Watched]) -> None:
        """Look once at all jobs."""
        disks: dict[int, list[Watched]] = {}
        for job in jobs:
            limit = job.limits.cpu_seconds
            if limit and not job.halted() and job.cage is not None and job.cage.cpu_used() > limit:
                job.halt(t("it used up its processor time ({seconds} s)", seconds=limit))
            if job.disk >= 0:
                disks.setdefault(job.disk, []).append(job)
        until = time.monotonic() + _BUDGET
        for disk, those in disks.items():
            self._look_at_disk(disk, those, until)
        for disk in self._low_since.keys() - disks.keys():
            del self._low_since[disk]

    def _look_at_disk(self, disk: int, jobs: list[Watched], until: float) -> None:
        try:
            space = space_of(disk, (folder for job in jobs for folder in job.folders))
        except OSError:  # every job removed its folders
            return
        now = time.monotonic()
        for job in jobs:
            limit = job.limits.workspace
            again = now - job.looked > max(_OFTEN, job.cost / _SHARE)
            due = job.walk is not None or again or job.may_have(space.used) > limit
            if limit and due and not job.halted():
                job.look(space.used, until)
        if not space.low:
            self._low_since.pop(disk, None)
            return
        since = self._low_since.setdefault(disk, now)
        if all(now - job.halted_at > _ENDING for job in jobs if job.halted()):
            self._relieve(disk, [job for job in jobs if not job.halted()], space, since)

    def _relieve(self, disk: int, jobs: list[Watched], space: Space, since: float) -> None:
        """A disk gets full: end the job that has written the most, as soon as it is known which that is."""
        until = time.monotonic() + _BUDGET
        seen = [job for job in jobs if job.looked > since or job.look(space.used, until)]
        if len(seen) < len(jobs) and time.monotonic() - since < _CHOOSING:
            return
        worst = max(jobs, key=lambda job: job.usage.entries if space.few_places else job.usage.size, default=None)
        if worst is None or (worst.usage.size < _BLAMED and worst.usage.entries < _BLAMED_FILES):
            return
        free = space.free // 1_000_000
        what = t(
            "the disk is nearly full ({free} MB and places for {places} files are left), and of all running jobs this "
            "one has written the most", free=free, places=space.places,
        )  # fmt: skip
        worst.halt(what, FailureReason.RUNNER_SYSTEM)
        self._low_since[disk] = time.monotonic()


def space_of(disk: int, folders: Iterable[str]) -> Space:
    """By the first of the folders that is still there: a job may remove its own, or put a link in its place. Raises
    OSError where none is."""
    for folder in folders:
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                if os.fstat(handle).st_dev == disk:
                    return _space(os.fstatvfs(handle))
            finally:
                os.close(handle)
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


def _space(found: os.statvfs_result) -> Space:
    size, free = found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize
    few = found.f_files > 0 and found.f_favail < min(_LOW_PLACES, found.f_files // 10)  # some do not count files
    low = few or free < min(_LOW, size // 10)
    return Space((found.f_blocks - found.f_bfree) * found.f_frsize, free, found.f_favail, low, few)


@cache
def warden() -> Warden:
    """The one of this process."""
    return Warden()
