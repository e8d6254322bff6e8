"""A job's log while it is written: to its file, and its newest line to whoever watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
