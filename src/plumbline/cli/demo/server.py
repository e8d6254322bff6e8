"""The server of the demo: ``plumb up`` in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from typing import IO, TYPE_CHECKING

import click

from plumbline.kernel import PlumblineError, t
from plumbline.wiring.pipelines import isolation_told

if TYPE_CHECKING:
    from pathlib import Path

_GRACE = 5  # seconds that running jobs have when it ends
_RUNNERS = 4  # at least: two are enough for nothing beside the long checks of this project's own pipeline
_END = 40.0  # seconds until it is over


class DemoServer:
    """Runs from ``__enter__`` on; ``url`` and ``link`` are what it printed."""

    def __init__(self, data: Path, listen: str, log: Path) -> None:
        self._command = [sys.executable, "-m", "plumbline", "--language", "en", "up"]
        self._command += ["--data", str(data), "--listen", listen, "--grace", str(_GRACE)]
        self._command += ["--runners", str(max(_RUNNERS, os.cpu_count() or 1))]
        told, safe = isolation_told("auto")
        if not safe:  # the demo's own jobs are harmless, and it says what it does
            click.echo(told)
            click.echo(t("The demo goes on without isolation, with --isolation none."))
            self._command += ["--isolation", "none"]
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.link = ""

    def __enter__(self) -> DemoServer:
        with self._log.open("wb") as log:
            # In a session of its own: Ctrl-C reaches us, and we end it in order.
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
                start_new_session=True,
            )  # fmt: skip
        assert self._process.stdout is not None
        try:
            self.url = self._read(self._process.stdout, r"(http://\S+)")
            self.link = self._read(self._process.stdout, r"setup\?key=(\S+)")
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait(self) -> None:
        """Until it ends by itself."""
        assert self._process is not None
        self._process.wait()

    def end(self) -> int:
        """Tell it to end, and wait; its exit status."""
        process = self._process
        assert process is not None
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(_END)
        except subprocess.TimeoutExpired:
            process.kill()
        if process.stdout is not None:
            process.stdout.close()
        return process.wait()

    def _read(self, out: IO[str], pattern: str) -> str:
        found = re.search(pattern, out.readline())
        if found is None:
            said = self._log.read_text(errors="replace")[-2000:]
            raise PlumblineError("demo-no-server", t("The server did not start: {said}", said=said.strip()))
        return found.group(1)
