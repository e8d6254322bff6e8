"""What services print, in the log of their job while it runs (``CI_DEBUG_SERVICES``)."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from plumbline.adapters.cancellation import PipeCancellation
from plumbline.adapters.processes import run_program

if TYPE_CHECKING:
    from plumbline.adapters.containers.engine import Engine
    from plumbline.adapters.jobs.output import Output

_LONGEST = 8192  # bytes of a line that are kept together
_PATIENCE = 5.0  # seconds for what was said last


class ServiceLogs:
    """One thread for every service; each line begins with ``[service:<alias>]``, as GitLab Runner writes it."""

    def __init__(self, engine: Engine, output: Output) -> None:
        self._engine, self._output = engine, output
        self._cancel = PipeCancellation()
        self._threads: list[threading.Thread] = []

    def follow(self, container: str, alias: str) -> None:
        """Begin with the first line it ever printed."""
        name = f"service-log-{alias}"[:40]
        thread = threading.Thread(target=self._copy, args=(container, alias), name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _copy(self, container: str, alias: str) -> None:
        held = bytearray()
        before = f"[service:{alias}] ".encode()

        def write(data: bytes) -> None:
            held.extend(data)
            *lines, rest = bytes(held).split(b"\n")
            if len(rest) > _LONGEST:
                lines, rest = [*lines, rest], b""
            held[:] = rest
            if lines:
                self._output.aside(b"".join(before + line + b"\n" for line in lines))

        argv = [self._engine.client, "logs", "--follow", "--", container]
        try:
            run_program(argv, os.environ, write=write, cancel=self._cancel, marker="-", grace=0.0)
        except OSError:
            return  # what cannot be followed is not shown; the job goes on
        if held:
            self._output.aside(before + bytes(held) + b"\n")

    def close(self) -> None:
        """Stop following."""
        self._cancel.cancel(2)
        for thread in self._threads:
            thread.join(_PATIENCE)
        self._cancel.close()
        self._threads = []
