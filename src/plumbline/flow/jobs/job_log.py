"""A job's log: written to its file, its newest line told to whoever watches; and read while it may still grow."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO


def _write_all(file: BinaryIO, data: bytes) -> None:
    """A raw file may take less than it is given, on a disk that gets full."""
    written = file.write(data)
    while written < len(data):
        written += file.write(data[written:])


class FileLog:
    """Writes masked bytes to the job's log file. A full disk ends the log, not the job."""

    def __init__(self, file: BinaryIO, follow: Callable[[bytes], None] | None = None) -> None:
        self._file: BinaryIO | None = file
        self._follow = follow
        self._newest = b""
        self.size = 0
        self.failed: OSError | None = None

    def write(self, data: bytes) -> None:
        self.size += len(data)
        self._newest = data
        if self._file is not None:
            try:
                _write_all(self._file, data)
            except OSError as error:
                self.failed = error
                self.close()
        if self._follow is not None:
            self._follow(data)

    def newest_line(self) -> str:
        """The last line that holds something, for a progress display."""
        for line in reversed(self._newest[-4096:].replace(b"\r", b"\n").split(b"\n")):
            if line.strip():
                return line.decode(errors="replace").strip()
        return ""

    def close(self) -> None:
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:
                self.failed = self.failed or error
            self._file = None


class LogFile(Protocol):
    """The log of one attempt at a job. It only grows."""

    @property
    def size(self) -> int: ...

    @property
    def live(self) -> bool:
        """More may come."""
        ...

    def read(self, offset: int, length: int) -> bytes: ...


class StoredLog:
    """Reads a log in a file. ``ended`` says whether the job has ended; it is asked each time."""

    def __init__(self, path: str, ended: Callable[[], bool]) -> None:
        self.path = path
        self._ended = ended

    @property
    def size(self) -> int:
        try:
            return os.stat(self.path).st_size
        except FileNotFoundError:
            return 0

    @property
    def live(self) -> bool:
        return not self._ended()

    def read(self, offset: int, length: int) -> bytes:
        try:
            with open(self.path, "rb") as file:
                file.seek(offset)
                return file.read(length)
        except FileNotFoundError:
            return b""
