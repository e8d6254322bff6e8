"""A cancellation one thread raises and another waits for, together with file descriptors."""

from __future__ import annotations

import os


class PipeCancellation:
    """Level 0, then 1 (stop the script, still run after_script), then 2 (stop at once). Levels only rise.

    The pipe is made when somebody first asks for its descriptor.
    """

    __slots__ = ("_level", "_read", "_write")

    def __init__(self) -> None:
        self._level = 0
        self._read = self._write = -1

    @property
    def level(self) -> int:
        return self._level

    def fileno(self) -> int:
        if self._read < 0:
            self._read, self._write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
            if self._level:
                os.write(self._write, b"!")
        return self._read

    def cancel(self, level: int) -> None:
        if level > self._level:
            self._level = level
            if self._write >= 0:
                os.write(self._write, b"!")

    def close(self) -> None:
        for descriptor in (self._read, self._write):
            if descriptor >= 0:
                os.close(descriptor)
        self._read = self._write = -1
