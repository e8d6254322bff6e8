"""The last lines of a job's log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from plumbline.cli.display.log_lines import clean

if TYPE_CHECKING:
    from plumbline.model.ports.jobs import RunStore
    from plumbline.model.run import JobRecord

_WINDOW = 32_768  # bytes looked at from the end


class Tails:
    """Reads the logs of one run; the lines are masked because the logs are."""

    def __init__(self, runs: RunStore, run: int) -> None:
        self._runs = runs
        self._run = run

    def __call__(self, job: JobRecord, lines: int = 20) -> list[str]:
        """At most ``lines`` lines, without control sequences; empty when the job never wrote any."""
        try:
            with Path(self._runs.log_path(self._run, job.id)).open("rb") as file:
                end = file.seek(0, 2)
                file.seek(max(0, end - _WINDOW))
                data = file.read()
        except FileNotFoundError:
            return []
        found = [clean(line) for line in data.decode(errors="replace").split("\n")]
        return [line.rstrip() for line in found if line.strip()][-lines:]
