"""What a run holds in memory while it goes."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.jobs import check_all_ran, plumb_run
from bench.measure import CommandError, Figure, within
from bench.repositories import repository, trivial_jobs

if TYPE_CHECKING:
    from collections.abc import Iterator


def of_a_run(scratch: Path) -> Iterator[Figure]:
    """The peak of the product's own processes over a run of 300 jobs."""
    name, limit = "memory of a 300-job run", 80
    if not Path("/proc/self/status").exists():
        yield Figure(name, "MB", None, target=f"<= {limit} MB", note="needs /proc")
        return
    folder = repository(scratch / "memory300", trivial_jobs(300))
    check_all_ran(folder, "none", 300)
    process = subprocess.Popen(plumb_run(folder, "none"), stdout=subprocess.DEVNULL)
    peaks: dict[int, int] = {}
    while process.poll() is None:
        for pid in _own(process.pid):
            peaks[pid] = _peak(pid) or peaks.get(pid, 0)
        time.sleep(0.005)
    if process.returncode:
        raise CommandError(f"plumb run ended with {process.returncode}")
    parts = " + ".join(f"{peak / 1024:.0f}" for peak in peaks.values())
    note = f"VmHWM of the guardian and of the process that runs the jobs, {parts}; pages they share count twice"
    yield within(name, "MB", sum(peaks.values()) / 1024, limit, note)


def _own(root: int) -> list[int]:
    """The process that was started, and its first child (the guardian's charge); jobs are below that one."""
    try:
        children = Path(f"/proc/{root}/task/{root}/children").read_text().split()
    except OSError:
        return []
    return [root, *(int(child) for child in children[:1])]


def _peak(pid: int) -> int:
    """VmHWM in KiB; 0 when the process is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
