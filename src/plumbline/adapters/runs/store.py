"""The run store: a folder for every run.

``runs/<id>/run.json`` the record; ``events.jsonl`` what happened; ``jobs/<job id>.log``; ``owner`` is there while the
run is not finished, and locked by its living owner; ``reserve`` is room on the disk for the last record, whatever jobs
filled it with; ``work/`` the working copies; ``artifacts/``.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import time
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from plumbline.adapters.folders import (
    private,
    private_folder,
    remove_tree,
    storage_error,
    storing,
    temporary_name,
    write_whole,
)
from plumbline.adapters.runs.codec import decode_events, decode_record, encode_event, encode_record
from plumbline.adapters.runs.replay import interrupt, replay
from plumbline.kernel import PlumblineError, t
from plumbline.model.run import RunEventKind, RunRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from plumbline.model.run import RunEvent

KEPT_RUNS = 50
_URGENT = frozenset(set(RunEventKind) - {RunEventKind.TASK_STATE, RunEventKind.TASK_SECTION})
_TAKEN = frozenset({errno.ENOTEMPTY, errno.EEXIST})
_BUFFER = 64 * 1024  # bytes of events that may wait to be written
_RESERVE = 512 * 1024  # bytes
_MAKING = 10.0  # seconds that making a run's folder takes at most


def local_folder(data: str, top: str) -> str:
    """The folder of one project in the data folder, by the path of its repository."""
    name = re.sub(r"[^a-z0-9]+", "-", os.path.basename(top).lower()).strip("-")[:40] or "project"
    return f"{data}/local/{name}-{hashlib.sha256(os.fsencode(top)).hexdigest()[:8]}"


class LocalRuns:
    """Implements :class:`plumbline.model.RunStore` in ``folder``. ``kill`` ends every process whose marker begins with
    a text, or whose current folder is below one, and returns how many; the markers of a run's jobs begin with
    :meth:`marker`."""

    def __init__(self, folder: str, kill: Callable[[str, str], int], *, keep: int = KEPT_RUNS) -> None:
        self._runs = f"{folder}/runs"
        self._name = os.path.basename(folder)
        self._kill = kill
        self._keep = keep
        self._lock = Lock()
        self._owned: dict[int, int] = {}  # run id -> descriptor of its locked owner file
        self._events: dict[int, int] = {}  # run id -> descriptor of its events
        self._waiting: dict[int, bytearray] = {}

    def marker(self, run: int) -> str:
        """How the marker of every process of a run begins."""
        return f"{self._name}-{run}-"

    def folder(self, run: int) -> str:
        return f"{self._runs}/{run}"

    def work_folder(self, run: int) -> str:
        return f"{self._runs}/{run}/work"

    def log_path(self, run: int, job_id: int) -> str:
        return f"{self._runs}/{run}/jobs/{job_id}.log"

    def open_log(self, run: int, job_id: int) -> BinaryIO:
        path = self.log_path(run, job_id)
        with storing(path):
            return open(path, "wb", buffering=0, opener=private)

    def create(self, record: RunRecord) -> RunRecord:
        """Raises PlumblineError ``disk-full`` or ``storage-failed``. Removes the oldest runs beyond those kept."""
        with storing(self._runs):
            private_folder(self._runs)
            last = max(self._ids(), default=0)
            self._retain()
            folder, owner = temporary_name(f"{self._runs}/new"), -1
            try:
                private_folder(f"{folder}/jobs")
                owner = os.open(f"{folder}/owner", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                record.id = self._claim(folder, last)
                folder = self.folder(record.id)
                write_whole(f"{folder}/run.json", encode_record(record))
                _reserve(f"{folder}/reserve")
            except OSError:
                remove_tree(folder)
                if owner >= 0:
                    os.close(owner)
                raise
            self._owned[record.id] = owner
        return record

    def save(self, record: RunRecord) -> None:
        """Write the record whole. One that is finished is given up by its owner, and its working copies go."""
        folder = self.folder(record.id)
        if record.finished:
            with suppress(OSError):
                os.unlink(f"{folder}/reserve")
        with self._lock:
            self._flush(record.id)
        with storing(folder):
            write_whole(f"{folder}/run.json", encode_record(record))
        if record.finished and (owner := self._owned.pop(record.id, None)) is not None:
            remove_tree(self.work_folder(record.id))
            with suppress(OSError):
                os.unlink(f"{folder}/owner")
            os.close(owner)

    def append(self, event: RunEvent) -> None:
        """Keep an event. A full disk does not stop the run here: the events wait, and :meth:`save` tells."""
        if event.kind is RunEventKind.TASK_LOG:
            return
        with self._lock:
            waiting = self._waiting.setdefault(event.run, bytearray())
            waiting += encode_event(event)
            if event.kind in _URGENT or len(waiting) > _BUFFER:
                self._flush(event.run)
            if event.kind is RunEventKind.RUN_FINISHED and event.pipeline <= 1 and event.run in self._events:
                os.close(self._events.pop(event.run))

    def load(self, run: int) -> RunRecord | None:
        """The record, completed from its events where it is not finished. Raises PlumblineError ``run-unreadable``."""
        folder = self.folder(run)
        try:
            with open(f"{folder}/run.json", "rb") as file:
                record = decode_record(file.read())
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
            raise PlumblineError(
                "run-unreadable",
                t("the record of run {run} cannot be read: {reason}", run=run, reason=str(error)),
                t("remove {path}, or leave it: other runs do not need it", path=folder),
            ) from error
        if not record.finished:
            replay(record, self._read_events(run))
        return record

    def newest(self, limit: int) -> Sequence[RunRecord]:
        """The newest runs first; those whose record cannot be read are left out."""
        found: list[RunRecord] = []
        for run in reversed(self._ids()):
            if len(found) >= limit:
                break
            with suppress(PlumblineError):
                record = self.load(run)
                if record is not None:
                    found.append(record)
        return found

    def sweep(self) -> Sequence[RunRecord]:
        swept = []
        for name in self._names():
            owner = f"{self._runs}/{name}/owner"
            if not (name.isdigit() or self._is_abandoned(name)) or not os.path.lexists(owner):
                continue
            lock = _take(owner)
            if lock is None:
                continue
            try:
                record = self._bury(name)
                if record is not None:
                    swept.append(record)
            finally:
                os.close(lock)
        return swept

    def _bury(self, name: str) -> RunRecord | None:
        """Clean up after a dead owner; the record where its run was interrupted."""
        folder = f"{self._runs}/{name}"
        if not name.isdigit():
            remove_tree(folder)
            return None
        run = int(name)
        self._kill(self.marker(run), os.path.realpath(self.work_folder(run)))
        remove_tree(f"{folder}/reserve")
        removed = remove_tree(self.work_folder(run))
        try:
            record = self.load(run) or RunRecord(id=run)
        except PlumblineError:
            record = RunRecord(id=run)
        last = replay(record, self._read_events(run)) if not record.finished else 0.0
        interrupted = not record.finished
        if interrupted:
            interrupt(record, max(last, self._last_sign(run)) or time.time())
            with storing(folder):
                write_whole(f"{folder}/run.json", encode_record(record))
        if removed:
            with suppress(OSError):
                os.unlink(f"{folder}/owner")
        return record if interrupted else None

    def _is_abandoned(self, name: str) -> bool:
        """Whether it is the folder of a run that never began: another process may be making one right now."""
        if not name.startswith(".new"):
            return False
        try:
            return time.time() - os.stat(f"{self._runs}/{name}").st_mtime > _MAKING
        except OSError:
            return False

    def _last_sign(self, run: int) -> float:
        """When a run last wrote something; 0.0 where it never did."""
        times = [0.0]
        with suppress(OSError), os.scandir(f"{self.folder(run)}/jobs") as logs:
            times += [log.stat().st_mtime for log in logs]
        return max(times)

    def _claim(self, new: str, run: int) -> int:
        """Give a new run's folder its name: the next number. Only one of several claimants gets a number."""
        while True:
            run += 1
            try:
                os.rename(new, f"{self._runs}/{run}")
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
            else:
                return run

    def _retain(self) -> None:
        for run in self._ids()[: -self._keep + 1 or None]:
            if not os.path.lexists(f"{self._runs}/{run}/owner"):
                remove_tree(self.folder(run))

    def _names(self) -> list[str]:
        try:
            return os.listdir(self._runs)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise PlumblineError(
                "storage-failed",
                t("cannot read {path}: {reason}", path=self._runs, reason=error.strerror or str(error)),
                t("check the owner and the permissions of the folder, or choose another one with --data"),
            ) from error

    def _ids(self) -> list[int]:
        return sorted(int(name) for name in self._names() if name.isdigit())

    def _read_events(self, run: int) -> list[RunEvent]:
        try:
            with open(f"{self.folder(run)}/events.jsonl", "rb") as file:
                return list(decode_events(file.read()))
        except OSError:
            return []

    def _flush(self, run: int) -> None:
        waiting = self._waiting.get(run)
        if not waiting:
            return
        try:
            descriptor = self._events.get(run)
            if descriptor is None:
                path = f"{self.folder(run)}/events.jsonl"
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
                self._events[run] = descriptor
            while waiting:
                del waiting[: os.write(descriptor, waiting)]
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise storage_error(error, self.folder(run)) from error


def _reserve(path: str) -> None:
    """Raises OSError where the disk is full already."""
    if hasattr(os, "posix_fallocate"):  # not on macOS
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, _RESERVE)
        finally:
            os.close(descriptor)


def _take(path: str) -> int | None:
    """Lock an owner file; None while its owner lives, or where it is gone."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
