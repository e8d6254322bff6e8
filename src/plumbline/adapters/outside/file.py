"""Checkpoints in a file that only grows: on a disk that takes no changes, on another machine, in another's hands.

Each note is followed by an empty line. A note that was not written to its end, because the server was killed, is
followed by the whole one.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from plumbline.adapters.folders import write_all
from plumbline.adapters.outside.failing import not_delivered
from plumbline.kernel import t
from plumbline.model.outside import OutsidePlace, PlaceKind

if TYPE_CHECKING:
    from plumbline.model.event import Checkpoint
    from plumbline.model.ports.ledger import Ledger

_TAIL = 64 << 10  # bytes at the end in which the same note is looked for


class FileCourier:
    """``path``: of the file, whose folder is there."""

    def __init__(self, path: str) -> None:
        self.place = OutsidePlace(kind=PlaceKind.FILE, name=path)
        self._path = path

    def deliver(self, checkpoint: Checkpoint, ledger: Ledger) -> Checkpoint:  # noqa: ARG002
        try:
            self._append(checkpoint.note)
        except OSError as error:
            hint = t("Check the path, its permissions and the free space.")
            raise not_delivered(self.place, error.strerror or error, hint) from error
        return checkpoint

    def _append(self, note: bytes) -> None:
        new = not os.path.exists(self._path)
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            end = os.fstat(descriptor).st_size
            tail = os.pread(descriptor, min(end, _TAIL), max(0, end - _TAIL))
            if tail.endswith(note + b"\n"):
                return
            torn = b"" if not tail or tail.endswith(b"\n\n") else b"\n\n"
            write_all(descriptor, torn + note + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if new:
            _settle(os.path.dirname(self._path) or ".")


def _settle(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
