"""Whether there is room on the disk: looked at now and then, and told in the log whenever that changes."""

from __future__ import annotations

import logging
import os
import shutil
import time
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from plumbline.adapters.folders import storage_error, temporary_name, write_all
from plumbline.kernel import PlumblineError, t
from plumbline.model.health import Check, Health
from plumbline.model.room import KeepFree, Room

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.kernel import Text

_FRESH = 5.0  # seconds for which a look is good
_LEAST = 8 << 20  # bytes without which a store soon cannot write
_TRIED = 64 << 10  # bytes written to see whether that goes
_HEALTH = {Room.ENOUGH: Health.OK, Room.LITTLE: Health.WARNING, Room.NONE: Health.PROBLEM}
_log = logging.getLogger(__name__)


class _Look(NamedTuple):
    room: Room
    message: Text
    cure: Text | None = None


class RoomWatch:
    """Of one data folder. ``keep``: what is to stay free. ``trouble``: why the database could not write lately, be it
    on another disk. Safe to use from several threads."""

    def __init__(
        self, folder: str, keep: KeepFree, trouble: Callable[[], PlumblineError | None], fresh: float = _FRESH
    ) -> None:
        self._folder = folder
        self._keep = keep
        self._trouble = trouble
        self._fresh = fresh
        self._lock = Lock()
        self._seen: _Look | None = None
        self._looked = 0.0

    def room(self) -> Room:
        return self._now().room

    def check(self) -> Check:
        seen = self._now()
        return Check(name="disk", health=_HEALTH[seen.room], message=seen.message, cure=seen.cure)

    def _now(self) -> _Look:
        with self._lock:
            if self._seen is None or time.monotonic() - self._looked > self._fresh:
                before, self._seen = self._seen, self._look()
                self._looked = time.monotonic()
                _tell(before, self._seen)
            return self._seen

    def _look(self) -> _Look:
        error = self._trouble() or self._tried()
        if error is not None:
            return _Look(Room.NONE, error.message, error.hint)
        disk = shutil.disk_usage(self._folder)
        wanted, free = self._keep.of(disk.total), disk.free
        message = t("{size} MiB are free for {folder}.", size=free >> 20, folder=self._folder)
        if free < _LEAST:
            return _Look(Room.NONE, message, t("Free some space: nothing more can be kept."))
        if free < wanted:
            cure = t("Free some space: no job is begun while less than {size} MiB are free.", size=wanted >> 20)
            return _Look(Room.LITTLE, message, cure)
        return _Look(Room.ENOUGH, message)

    def _tried(self) -> PlumblineError | None:
        """Only writing says whether a file system takes it: it may be read-only, or a quota used up."""
        path = temporary_name(os.path.join(self._folder, "room"))
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                write_all(descriptor, bytes(_TRIED))
            finally:
                try:
                    os.close(descriptor)
                finally:
                    os.unlink(path)
        except OSError as error:
            return storage_error(error, self._folder)
        return None


def _tell(before: _Look | None, now: _Look) -> None:
    room = before.room if before is not None else Room.ENOUGH
    if now.room is room:
        return
    fields = {"room": now.room.value}
    if now.room is Room.NONE:
        _log.error("nothing can be written: %s %s", now.message, now.cure or "", extra={"fields": fields})
    elif now.room is Room.LITTLE:
        _log.warning("%s %s", now.message, now.cure or "", extra={"fields": fields})
    else:
        _log.warning("there is room on the disk again: %s", now.message, extra={"fields": fields})
